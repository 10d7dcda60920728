"""How large the store grows: measured over some days of one model, and what a year of twenty makes of that.

``python -m benchmarks.growth [--rows 2000] [--days 4]``: so many rows an hour of 40 numeric and 10 text features with
score, decision, ground truth and one group, windows of an hour, on SQLite. The file is measured, compacted, after two
days of reference and so many days, after twice as many, and once the hours of old days were added up: the store keeps
hours for 90 days, days and every measurement for good.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from benchmarks.figures import Figure, record
from monitor.config import Config, load
from monitor.service.opening import opened
from monitor.service.retention.prune import prune_models
from monitor.service.run import run
from monitor.store.compact import compact
from monitor.store.engine import Store

START, DAY = datetime(2026, 3, 2, tzinfo=UTC), timedelta(days=1)
REFERENCE, KEPT, YEAR, MODELS = 2, 90, 365, 20  # days of reference, of hours, of a year; models
SETTLED = 60  # days after which nothing changes a window any more
NUMBERS, TEXTS = [f"n{i}" for i in range(40)], [f"t{i}" for i in range(10)]


def draw(path: Path, days: int, rows: int) -> None:
    """Write the log: log-normal numbers, texts of thirty words, a decision that is mostly right."""
    rng = np.random.default_rng(1)
    words = pa.array([f"word {i}" for i in range(30)])
    with pq.ParquetWriter(path, _day(rng, 0, 1, words).schema) as writer:
        for day in range(days):
            writer.write_table(_day(rng, day, 24 * rows, words))


def _day(rng: np.random.Generator, day: int, n: int, words: pa.StringArray) -> pa.Table:
    begin = np.datetime64((START + day * DAY).replace(tzinfo=None), "us")
    score = rng.random(n)
    columns: dict[str, pa.Array] = {
        "id": pa.array(np.arange(n) + day * 10**9),
        "at": pa.array(begin + np.sort(rng.integers(0, 86_400_000_000, n)), pa.timestamp("us", "UTC")),
        "score": pa.array(score),
        "said": pa.array(score > 0.5),
        "came": pa.array(rng.random(n) < score),
        "region": words.slice(0, 5).take(pa.array(rng.integers(0, 5, n))),
    }
    columns |= {name: pa.array(rng.lognormal(0, 1, n)) for name in NUMBERS}
    columns |= {name: words.take(pa.array(rng.integers(0, 30, n))) for name in TEXTS}
    return pa.table(columns)


def configured(folder: Path) -> Config:
    """Write a monitor.yaml of one model, and read it."""
    predictions = {"id": "id", "time": "at", "prediction": "said", "score": "score", "target": "came"}
    model = {
        "name": "one", "task": "binary", "positive_class": True,
        "source": {"url": "parquet:///log.parquet", "predictions": predictions},
        "features": {"numeric": NUMBERS, "categorical": TEXTS}, "groups": ["region"], "window": "1h",
        "reference": {"start": START.isoformat(), "end": (START + REFERENCE * DAY).isoformat()},
        "ground_truth_horizon": "1h",
    }  # fmt: skip
    file = folder / "monitor.yaml"
    whole = {"store": "sqlite:///monitor.db", "retention": {"hourly_counts": "1d"}, "models": [model]}
    file.write_text(yaml.safe_dump(whole), encoding="utf-8")
    return load(file, {})


def grown(config: Config, store: Store, day: int) -> int:
    """Measure everything up to a day; return the bytes of the store."""
    (done,) = run(config, store, now=START + day * DAY)
    if done.error is not None:
        raise done.error
    print(f"day {day}: {len(done.run_ids)} windows", flush=True)
    return compact(store)[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000, help="rows an hour")
    parser.add_argument("--days", type=int, default=4)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        draw(Path(folder, "log.parquet"), REFERENCE + 2 * asked.days, asked.rows)
        config = configured(Path(folder))
        with opened(config, writing=True) as store:
            once, twice = (grown(config, store, REFERENCE + n * asked.days) for n in (1, 2))
            rolled = prune_models(config, store, START + (REFERENCE + 2 * asked.days + SETTLED) * DAY)["one"].days
            days = compact(store)[1]
    hourly = (twice - once) / asked.days / 1e6
    daily = hourly - (twice - days) / rolled / 1e6
    year = MODELS * (KEPT * hourly + (YEAR - KEPT) * daily) / 1e3
    forever = MODELS * YEAR * hourly / 1e3
    print(f"{rolled} days rolled up; a day of one model takes {hourly:.2f} MB in hours and {daily:.2f} MB after that")
    print(f"a year of {MODELS} models: {year:.1f} GB, hours kept for {KEPT} days; {forever:.1f} GB, kept for good")
    what = f"store of one model and day: {asked.rows:,} rows an hour of 50 features, windows of an hour"
    record("growth", [
        Figure(what, f"{hourly:.1f} MB", "", None, f"{daily:.1f} MB after {KEPT} days"),
        Figure(
            f"store of {MODELS} such models and a year", f"{year:.0f} GB", "", None,
            f"{forever:.0f} GB where hours are kept for good",
        ),
    ])  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
