"""Memory of comparing Parquet files that are streamed: ten million rows beside one million.

``python -m benchmarks.streaming``: the rows of ``benchmarks.drift``; the ten million are a folder of ten files.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Figure, record

ROWS, FILES, BAR = 1_000_000, 10, 0.2
TOP = Path(__file__).parents[1]


def alone(reference: Path, current: Path) -> None:
    """Compare in this process; print the seconds and by how many MB memory grew."""
    import pyarrow.dataset  # noqa: F401  not counted, as no import is

    import monitor

    monitor.compare({"x": [1.0, 2.0]}, {"x": [1.0]})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.perf_counter()
    found = monitor.compare(reference, current)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(found.current_rows, time.perf_counter() - began, peak - before)


def measure(*files: Path) -> tuple[int, float, float]:
    """Return rows, seconds and MB of a process of its own."""
    command = [sys.executable, "-m", "benchmarks.streaming", "--alone", *map(str, files)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=TOP)
    rows, seconds, more = done.stdout.split()
    return int(rows), float(seconds), float(more)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alone", nargs=2, type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.alone:
        alone(*asked.alone)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("reference.parquet", "current.parquet")]
        many = Path(folder, "many")
        many.mkdir()
        for path, n, seed in zip(files, (ROWS // 10, ROWS), "12", strict=True):
            command = [sys.executable, "-m", "benchmarks.drift", "--draw", str(path), str(n), seed]
            subprocess.run(command, check=True, cwd=TOP)
        for i in range(FILES):
            (many / f"{i}.parquet").hardlink_to(files[1])
        found = [measure(files[0], path) for path in (files[1], many)]
    print("| rows | seconds | MB over the interpreter |\n|---|---|---|")
    for rows, seconds, more in found:
        print(f"| {rows:,} | {seconds:.2f} | {more:.0f} |")
    growth = found[1][2] / found[0][2] - 1
    print(f"\nten times the rows: {growth:+.0%} memory (bar: at most +{BAR:.0%})")
    beside = f"{found[1][2]:.0f} MB, 1 M rows {found[0][2]:.0f} MB, over the interpreter; {found[1][1]:.1f} s"
    record(
        "streaming",
        [Figure("10 M rows streamed: memory beside 1 M", f"{growth:+.0%}", "≤ +20 %", growth <= BAR, beside)],
    )
    return 0 if growth <= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
