"""Speed beside whylogs and NannyML, each in an environment of its own that this makes, and Evidently's classification.

``python -m benchmarks.peers [--rows 200000] [--minutes 10]``: the data of ``benchmarks.drift``, beside a tenth as many
reference rows. Environments are kept in ``.bench/``; a peer that cannot be installed in time is told and left out.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.drift import FEATURES, OUTCOMES, draw
from benchmarks.figures import Figure, record

TOP = Path(__file__).parents[1]
SCRIPTS = {"whylogs": "whylogs_profile.py", "nannyml": "nannyml_drift.py"}
NEEDS = {
    "whylogs": ["whylogs==1.6.4", "pandas<3", "pyarrow", "setuptools<81"],
    "nannyml": ["nannyml==0.13.1", "statsmodels", "pyarrow"],
}
WHAT = {
    "whylogs": "profiles of both sides, beside whylogs 1.6",
    "nannyml": "drift, beside NannyML 0.13's univariate drift by three and two methods in ten chunks",
    "evidently": "performance, beside Evidently's classification preset",
}


def environment(peer: str, minutes: float) -> Path | None:
    """Return the peer's interpreter, installed where it is not there yet; None when that fails or takes too long."""
    folder = TOP / ".bench" / peer
    python = folder / "bin" / "python"
    if (folder / "complete").exists():
        return python
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True, capture_output=True)
        install = [str(python), "-m", "pip", "install", "--quiet", *NEEDS[peer]]
        subprocess.run(install, check=True, capture_output=True, timeout=60 * minutes)
    except (subprocess.SubprocessError, OSError) as error:
        print(f"{peer} is not compared with: it could not be installed ({type(error).__name__})")
        return None
    (folder / "complete").touch()
    return python


def elsewhere(peer: str, minutes: float, files: list[Path]) -> float | None:
    """Return the seconds that a peer takes in its own interpreter."""
    python = environment(peer, minutes)
    if python is None:
        return None
    script = TOP / "benchmarks" / "others" / SCRIPTS[peer]
    quiet = os.environ | {"WHYLOGS_NO_ANALYTICS": "True", "NML_DISABLE_USAGE_LOGGING": "1"}
    done = subprocess.run(
        [str(python), str(script), *map(str, files)], capture_output=True, text=True, check=False, env=quiet
    )
    if done.returncode:
        print(f"{peer} failed: {done.stderr.strip().splitlines()[-1:]}")
        return None
    return float(json.loads(done.stdout.splitlines()[-1])["seconds"])


def timed(work: Callable[[], object], repeats: int = 3) -> float:
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def classification(frames: list[Any]) -> float:
    """Return the seconds of Evidently's preset over the same decisions, scores and ground truth."""
    os.environ["DO_NOT_TRACK"] = "1"
    warnings.simplefilter("ignore")
    from evidently import BinaryClassification, DataDefinition, Dataset, Report
    from evidently.presets import ClassificationPreset

    roles = BinaryClassification(
        target="target", prediction_labels="prediction", prediction_probas="score", pos_label=1
    )
    definition = DataDefinition(classification=[roles])
    old, new = (Dataset.from_pandas(frame, data_definition=definition) for frame in frames)
    return timed(lambda: Report([ClassificationPreset()]).run(new, old).dict(), 1)


def measured(rows: int, minutes: float) -> dict[str, tuple[float, float | None]]:
    """Return by peer our seconds and theirs over the same rows."""
    import pandas as pd

    import monitor

    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("reference.parquet", "current.parquet")]
        for path, n, seed in zip(files, (rows // 10, rows), (1, 2), strict=True):
            draw(path, n, seed)
        frames = [pd.read_parquet(path, columns=FEATURES) for path in files]
        drift = timed(lambda: monitor.compare(*frames))
        decided = [pd.read_parquet(path, columns=OUTCOMES).dropna().astype({"target": int}) for path in files]
        judged = timed(lambda: monitor.compare(*decided, numeric=[], categorical=[]))
        for path, frame in zip(files, frames, strict=True):
            frame.to_parquet(path)
        found: dict[str, tuple[float, float | None]] = {p: (drift, elsewhere(p, minutes, files)) for p in SCRIPTS}
        return found | {"evidently": (judged, classification(decided))}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--minutes", type=float, default=10, help="how long an installation may take")
    asked = parser.parse_args()
    found = measured(asked.rows, asked.minutes)
    print(f"{asked.rows:,} rows of 50 columns, or of decisions, scores and ground truth\n")
    print("| | seconds | ours | ratio |\n|---|---|---|---|")
    figures = []
    for peer, (ours, theirs) in found.items():
        if theirs is None:
            continue
        print(f"| {peer} | {theirs:.2f} | {ours:.3f} | {theirs / ours:.0f} × |")
        what = f"{asked.rows:,} rows: {WHAT[peer]}"
        figures.append(Figure(what, f"{theirs / ours:,.0f} ×", "", None, f"{ours:.2f} s, theirs {theirs:.1f} s"))
    record("peers", figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
