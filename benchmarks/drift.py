"""Speed and memory of drift, side by side with Evidently's DataDriftPreset, in one run on one machine.

``python -m benchmarks.drift [--quick] [--repeats 3]``: 1 000 000 rows of 40 numeric and 10 text columns beside a
reference of 100 000; once more with a score, decisions, ground truth for nine rows in ten, and two groups. Each
contender has a process of its own; imports, drawing the data and loading frames are not timed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, at_least, at_most, record
from benchmarks.stopwatch import best

NUMERIC, TEXT = 40, (3, 10, 30, 200, 1000)
CONTENDERS = {
    "monitor, frames in memory": "memory",
    "monitor, the same with outcomes and groups": "outcomes",
    "monitor, Parquet files": "parquet",
    "only reading the Parquet files": "reading",
    "only sorting the numeric columns": "sorting",
    "Evidently DataDriftPreset, frames in memory": "evidently",
}
FEATURES = [f"number_{i}" for i in range(NUMERIC)] + [f"text_{i}" for i in range(10)]
GROUPS = ["region", "age_band"]
OUTCOMES = ["prediction", "score", "target"]
FIGURES = {"seconds": 2, "cpu": 2, "peak": 0, "before": 0}
BARS = {"memory": 300, "outcomes": 300, "parquet": 120}
SORTS = 4  # comparing takes no longer than so many times sorting
DECODES, MORE = 2, 1000  # from Parquet: times mere decoding, MB over the interpreter


def draw(path: Path, n: int, seed: int) -> None:
    """Write rows: normal, skewed, whole and zero-inflated numbers, some missing; texts of few and many categories."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(seed)
    kinds: list[Callable[[], Any]] = [
        lambda: rng.normal(0, 1, n),
        lambda: np.exp(rng.normal(0, 1, n)),
        lambda: rng.integers(0, 100, n).astype(float),
        lambda: np.where(rng.random(n) < 0.3, 0.0, rng.gamma(2, 1, n)),
    ]
    columns: dict[str, pa.Array] = {}
    for i in range(NUMERIC):
        values = kinds[i % 4]()
        if i % 10 == 9:
            values[rng.random(n) < 0.05] = np.nan
        columns[f"number_{i}"] = pa.array(values)
    for i in range(10):
        words = [f"word_{i}_{j}" for j in range(TEXT[i % 5])]
        codes = np.minimum(rng.zipf(1.5, n) - 1, len(words) - 1)
        columns[f"text_{i}"] = pa.DictionaryArray.from_arrays(codes.astype("int32"), words).cast(pa.string())
    score, late = rng.random(n), rng.random(n) < 0.1
    columns |= {"score": pa.array(score), "prediction": pa.array((score > 0.5).astype("int64"))}
    columns["target"] = pa.array((rng.random(n) < score).astype("int64"), mask=late)
    for name, size in zip(GROUPS, (8, 5), strict=True):
        words = pa.array([f"{name} {j}" for j in range(size)])
        columns[name] = words.take(pa.array(rng.integers(0, size, n)))
    pq.write_table(pa.table(columns), path, row_group_size=131_072)


def memory(reference: Path, current: Path) -> Callable[[], object]:
    import pandas as pd

    import monitor

    frames = [pd.read_parquet(path, columns=FEATURES) for path in (reference, current)]
    monitor.compare(frames[0].head(100), frames[1].head(100))
    return lambda: monitor.compare(*frames)


def outcomes(reference: Path, current: Path) -> Callable[[], object]:
    import pandas as pd

    import monitor

    frames = [pd.read_parquet(path) for path in (reference, current)]
    monitor.compare(frames[0].head(100), frames[1].head(100))
    return lambda: monitor.compare(*frames, groups=GROUPS, exclude=GROUPS)


def parquet(reference: Path, current: Path) -> Callable[[], object]:
    import pyarrow.dataset  # noqa: F401  not timed, as no import is

    import monitor

    monitor.compare({"x": [1.0, 2.0]}, {"x": [1.0]})
    none: dict[str, Any] = dict.fromkeys(OUTCOMES, False)
    return lambda: monitor.compare(reference, current, exclude=[*OUTCOMES, *GROUPS], **none)


def reading(reference: Path, current: Path) -> Callable[[], object]:
    import pyarrow.parquet as pq

    return lambda: [pq.read_table(path, columns=FEATURES) for path in (reference, current)]


def sorting(reference: Path, current: Path) -> Callable[[], object]:
    """Sort what is compared, once and alone: the least that comparing sorted columns could take."""
    import numpy as np
    import pandas as pd

    frames = [pd.read_parquet(path, columns=[f"number_{i}" for i in range(NUMERIC)]) for path in (reference, current)]
    columns = [column.to_numpy() for frame in frames for _, column in frame.items()]
    return lambda: max(len(np.sort(column)) for column in columns)


def evidently(reference: Path, current: Path) -> Callable[[], object]:
    os.environ["DO_NOT_TRACK"] = "1"
    warnings.simplefilter("ignore")
    import pandas as pd
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    frames = [pd.read_parquet(path, columns=FEATURES) for path in (reference, current)]
    texts = [name for name in frames[0].columns if name.startswith("text")]
    numbers = [name for name in frames[0].columns if name not in texts]
    definition = DataDefinition(numerical_columns=numbers, categorical_columns=texts)
    old, new = (Dataset.from_pandas(frame, data_definition=definition) for frame in frames)
    return lambda: Report([DataDriftPreset()]).run(new, old).dict()


def alone(name: str, reference: Path, current: Path, repeats: int) -> None:
    """Run one contender in this process and print its times and memory as JSON."""
    work = globals()[name](reference, current)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    took = best(work, 1 if name == "evidently" else repeats)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": took.wall, "cpu": took.cpu, "before": before, "peak": peak}))


def measure(title: str, name: str, files: tuple[Path, Path], repeats: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.drift", "--alone", name, *map(str, files), "--repeats", str(repeats)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    each = " | ".join(f"{found[key]:9.{digits}f}" for key, digits in FIGURES.items())
    print(f"| {title:<44} | {each} |", flush=True)
    return found


def run(rows: int, reference_rows: int, repeats: int) -> bool:
    """Measure all contenders, print the table and the ratios; tell whether the bars hold."""
    print(f"{rows:,} rows × {NUMERIC + 10} columns beside a reference of {reference_rows:,}\n")
    print(f"| {'':<44} |    wall s |     CPU s |   peak MB | MB before |\n|{'-' * 46}" + f"|{'-' * 11}" * 4 + "|")
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "reference.parquet", Path(folder) / "current.parquet"
        for path, n, seed in zip(files, (reference_rows, rows), (1, 2), strict=True):
            subprocess.run(
                [sys.executable, "-m", "benchmarks.drift", "--draw", str(path), str(n), str(seed)],
                check=True, cwd=Path(__file__).parents[1],
            )  # fmt: skip
        found = {name: measure(title, name, files, repeats) for title, name in CONTENDERS.items()}
    ratios = {name: found["evidently"]["seconds"] / found[name]["seconds"] for name in BARS}
    if rows >= 1_000_000:
        record("drift", figures(found, ratios))
    print()
    for name, ratio in ratios.items():
        print(f"{name}: {ratio:.0f} × faster than Evidently (bar: {BARS[name]} × at 1,000,000 rows)")
    sorts = found["memory"]["seconds"] / found["sorting"]["seconds"]
    print(f"memory: {sorts:.1f} × as long as one np.sort of the numbers (limit: {SORTS} ×)")
    decode = found["parquet"]["seconds"] / found["reading"]["seconds"]
    print(f"parquet: {decode:.1f} × as long as mere reading (limit: {DECODES} ×)")
    more = found["parquet"]["peak"] - found["parquet"]["before"]
    print(f"parquet: peak memory {more:.0f} MB over the interpreter (bar: {MORE} MB)")
    held = sorts <= SORTS and decode <= DECODES and more < MORE
    return all(ratios[name] >= bar for name, bar in BARS.items()) and held


def figures(found: dict[str, dict[str, float]], ratios: dict[str, float]) -> list[Figure]:
    """Return what the page shows."""
    wall, cpu = ({name: each[key] for name, each in found.items()} for key in ("seconds", "cpu"))
    more = found["parquet"]["peak"] - found["parquet"]["before"]
    took = {name: f"{wall[name]:.2f} s ({cpu[name]:.2f} s of CPU)" for name in wall}
    return [
        at_least(
            "drift and quality of 1 M × 50 from memory, beside Evidently's drift preset", ratios["memory"],
            BARS["memory"], f"{took['memory']}, Evidently {wall['evidently']:.0f} s",
        ),
        at_least(
            "the same with performance, and confusion by two groups", ratios["outcomes"], BARS["outcomes"],
            took["outcomes"],
        ),
        at_most(
            "the same beside one np.sort of the numbers", wall["memory"] / wall["sorting"], SORTS,
            f"{wall['sorting']:.2f} s",
        ),
        at_least(
            "the same from Parquet, beside Evidently on frames in memory", ratios["parquet"], BARS["parquet"],
            took["parquet"],
        ),
        at_most(
            "the same from Parquet, beside mere decoding", wall["parquet"] / wall["reading"], DECODES,
            took["reading"],
        ),
        at_most("peak memory from Parquet over the interpreter's", more, MORE, unit="MB", digits=0),
    ]  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100 000 rows beside 20 000; the bars are not judged")
    parser.add_argument("--repeats", type=int, default=3, help="the best of so many runs (Evidently: one)")
    parser.add_argument("--alone", nargs=3, metavar=("NAME", "REFERENCE", "CURRENT"), help=argparse.SUPPRESS)
    parser.add_argument("--draw", nargs=3, metavar=("PATH", "ROWS", "SEED"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.draw:
        draw(Path(asked.draw[0]), int(asked.draw[1]), int(asked.draw[2]))
    elif asked.alone:
        alone(asked.alone[0], Path(asked.alone[1]), Path(asked.alone[2]), asked.repeats)
    elif asked.quick:
        run(100_000, 20_000, asked.repeats)
    else:
        return 0 if run(1_000_000, 100_000, asked.repeats) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
