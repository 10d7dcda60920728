"""A rolling view of 30 days, hour by hour, from stored tiles, beside reading its rows again.

``python -m benchmarks.rolling [--rows 20000]``: so many rows an hour of 40 numeric and 10 text features. The first view
adds up 720 tiles, day by day as the service does; an hour later 29 days are there as sums and only the edges are added
by the hour. Every statistic is computed each time. Reading again is counting the rows of the same 30 days from a
Parquet file.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.figures import Figure, at_least, at_most, record
from monitor.domain.model import FEATURE, Kind, Model
from monitor.metrics.comparison import Comparison
from monitor.metrics.evaluate import evaluate
from monitor.profile.build import build
from monitor.profile.freezer import freeze
from monitor.profile.profile import Profile, add
from monitor.profile.reading import Reading
from monitor.source.bounds import microseconds

START, HOUR = datetime(2024, 3, 1, tzinfo=UTC), timedelta(hours=1)
PAST, TILES, STEPS, BAR = 48, 30 * 24, 24, 100
NUMBERS, TEXTS = [f"n{i}" for i in range(40)], [f"t{i}" for i in range(10)]


def model() -> Model:
    columns: dict[str, Kind] = {FEATURE + name: "numeric" for name in NUMBERS}
    return Model("m", "binary", columns | {FEATURE + name: "categorical" for name in TEXTS})


def hour(at: int, rows: int) -> pa.RecordBatch:
    """Make the rows of one hour; the first 48 are the reference."""
    rng = np.random.default_rng(at)
    times = np.full(rows, microseconds(START + HOUR * at))
    columns: dict[str, pa.Array] = {"time": pa.array(times, pa.timestamp("us", "UTC"))}
    columns |= {FEATURE + name: pa.array(rng.lognormal(0, 1, rows)) for name in NUMBERS}
    words = pa.array([f"word {i}" for i in range(30)])
    columns |= {FEATURE + name: words.take(pa.array(rng.integers(0, 30, rows))) for name in TEXTS}
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def statistics(past: Reading, profile: Profile) -> int:
    """Compute everything; return how many measurements there are."""
    now = Reading(past.layout, profile)
    return sum(1 for _ in evaluate(Comparison(past.layout.model, past, now, 0.0)))


def loaded(blobs: list[bytes]) -> Profile:
    return add([Profile.from_bytes(blob) for blob in blobs])


def reading(past: Reading, path: Path) -> float:
    """Return how long it takes to count the file's rows again and to compute everything."""
    began = time.perf_counter()
    statistics(past, build(past.layout, pq.ParquetFile(path).iter_batches(131_072)))
    return time.perf_counter() - began


def views(past: Reading, stored: list[bytes]) -> tuple[float, float]:
    """Return how long the first view takes, and the median of those that move on by an hour."""
    began = time.perf_counter()
    statistics(past, add([loaded(stored[at : at + 24]) for at in range(0, TILES, 24)]))
    first = time.perf_counter() - began
    days = [loaded(stored[at : at + 24]) for at in range(24, TILES, 24)]
    moved = []
    for step in range(1, STEPS):
        began = time.perf_counter()
        statistics(past, add([*days, loaded(stored[step:24]), loaded(stored[TILES : TILES + step])]))
        moved.append(time.perf_counter() - began)
    return first, float(np.median(moved))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000, help="rows an hour")
    rows = parser.parse_args().rows
    reference = [hour(at, rows) for at in range(PAST)]
    layout = freeze(model(), reference)
    past = Reading(layout, build(layout, reference))
    stored: list[bytes] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log.parquet")
        with pq.ParquetWriter(path, reference[0].schema) as writer:
            for at in range(PAST, PAST + TILES + STEPS):
                batch = hour(at, rows)
                if at < PAST + TILES:
                    writer.write_batch(batch)
                stored.append(build(layout, [batch]).to_bytes())
        again = reading(past, path)
    first, moved = views(past, stored)
    print(f"{rows:,} rows an hour × 50 columns; a stored tile is {sum(map(len, stored)) / len(stored) / 1e3:.1f} kB\n")
    print("| view of 30 days, every statistic | seconds |\n|---|---|")
    print(f"| 720 tiles added up | {first:.2f} |\n| the same an hour later | {moved:.3f} |")
    print(f"| {rows * TILES:,} rows read again | {again:.2f} |")
    beside = f"{moved:.3f} s, reading {rows * TILES:,} rows again {again:.1f} s"
    size = sum(map(len, stored)) / len(stored) / 1e3
    record("rolling", [
        at_least("30-day view moved by an hour, beside reading its rows again", again / moved, BAR, beside),
        at_most("the first such view: 720 tiles × 50 columns added up, every statistic", first, 1, unit="s"),
        Figure(f"a stored hour of 50 columns at {rows:,} rows", f"{size:,.0f} kB", "", None),
    ])  # fmt: skip
    print(f"\n{again / moved:.0f} × faster than reading again (bar: {BAR} ×); first view under 1 s: {first < 1}")
    return 0 if again / moved >= BAR and first < 1 else 1


if __name__ == "__main__":
    sys.exit(main())
