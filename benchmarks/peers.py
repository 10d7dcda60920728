"""Speed beside whylogs and NannyML, each in an environment of its own that this makes, and Evidently's classification.

``python -m benchmarks.peers [--rows 1000000] [--minutes 10]``: the data of ``benchmarks.drift``, beside a tenth as many
reference rows; frames are loaded and both sides warm. A peer that cannot be installed in time is told and left out.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

from benchmarks.drift import FEATURES, OUTCOMES, draw
from benchmarks.environment import interpreter
from benchmarks.figures import Figure, record
from benchmarks.stopwatch import Took, best

REPEATS = 5
SCRIPTS = {"whylogs": "whylogs_profile.py", "nannyml": "nannyml_drift.py"}
NEEDS = {
    "whylogs": ["whylogs==1.6.4", "pandas<3", "pyarrow", "setuptools<81"],
    "nannyml": ["nannyml==0.13.1", "statsmodels", "pyarrow"],
}
WHAT = {
    "whylogs": "all of it, beside whylogs 1.6 only making the profiles of both sides",
    "nannyml": "all of it, beside NannyML 0.13's univariate drift, one statistic a column in ten chunks",
    "evidently": "performance, beside Evidently's classification preset",
}


def elsewhere(peer: str, minutes: float, files: list[Path]) -> Took | None:
    """Return what a peer takes in its own interpreter."""
    python = interpreter(peer, NEEDS[peer], minutes)
    if python is None:
        print(f"{peer} is not compared with", flush=True)
        return None
    script = Path(__file__).parent / "others" / SCRIPTS[peer]
    quiet = os.environ | {"WHYLOGS_NO_ANALYTICS": "True", "NML_DISABLE_USAGE_LOGGING": "1"}
    done = subprocess.run(
        [str(python), str(script), *map(str, files)], capture_output=True, text=True, check=False, env=quiet
    )
    if done.returncode:
        print(f"{peer} failed: {done.stderr.strip().splitlines()[-1:]}", flush=True)
        return None
    found = json.loads(done.stdout.splitlines()[-1])
    return Took(found["seconds"], found["cpu"])


def classification(frames: list[Any]) -> Took:
    """Return what Evidently's preset takes over the same decisions, scores and ground truth."""
    os.environ["DO_NOT_TRACK"] = "1"
    warnings.simplefilter("ignore")
    from evidently import BinaryClassification, DataDefinition, Dataset, Report
    from evidently.presets import ClassificationPreset

    roles = BinaryClassification(
        target="target", prediction_labels="prediction", prediction_probas="score", pos_label=1
    )
    definition = DataDefinition(classification=[roles])
    old, new = (Dataset.from_pandas(frame, data_definition=definition) for frame in frames)
    return best(lambda: Report([ClassificationPreset()]).run(new, old).dict(), 1)


def measured(rows: int, minutes: float) -> dict[str, tuple[Took, Took | None]]:
    """Return by peer what ours and theirs take over the same rows."""
    import pandas as pd

    import monitor

    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("reference.parquet", "current.parquet")]
        for path, n, seed in zip(files, (rows // 10, rows), (1, 2), strict=True):
            draw(path, n, seed)
        frames = [pd.read_parquet(path, columns=FEATURES) for path in files]
        drift = best(lambda: monitor.compare(*frames), REPEATS)
        decided = [pd.read_parquet(path, columns=OUTCOMES).dropna().astype({"target": int}) for path in files]
        judged = best(lambda: monitor.compare(*decided, numeric=[], categorical=[]), REPEATS)
        for path, frame in zip(files, frames, strict=True):
            frame.to_parquet(path)
        frames.clear()
        found: dict[str, tuple[Took, Took | None]] = {p: (drift, elsewhere(p, minutes, files)) for p in SCRIPTS}
        return found | {"evidently": (judged, classification(decided))}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--minutes", type=float, default=10, help="how long an installation may take")
    asked = parser.parse_args()
    found = measured(asked.rows, asked.minutes)
    print(f"{asked.rows:,} rows of 50 columns, or of decisions, scores and ground truth\n")
    print("| | seconds | ours | ratio |\n|---|---|---|---|")
    figures = []
    for peer, (ours, theirs) in found.items():
        if theirs is None:
            continue
        ratio = f"{theirs.wall / ours.wall:,.0f} ×"
        print(f"| {peer} | {theirs} | {ours} | {ratio} |")
        figures.append(Figure(f"{asked.rows:,} rows: {WHAT[peer]}", ratio, "", None, f"{ours}, theirs {theirs}"))
    record("peers", figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
