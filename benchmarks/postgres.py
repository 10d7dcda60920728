"""Counting a log in PostgreSQL, joined with its ground truth, beside the bare fetch of the same columns.

``python -m benchmarks.postgres [--rows 1000000] [--postgres URL]``: 40 numeric and 10 text features. The fetch is
ADBC's, of the same columns joined alike, to Arrow batches that are thrown away. Without a URL a server is started as
the tests start theirs. Best of three.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import psycopg
from adbc_driver_postgresql import dbapi

from benchmarks.figures import at_most, record
from benchmarks.stopwatch import best
from benchmarks.sweep import servers
from monitor.config.source import SourceConfig
from monitor.domain.model import FEATURE, Kind, Model
from monitor.profile.build import Builder
from monitor.profile.freezer import freeze
from monitor.source import Source, open_source
from monitor.source.bounds import microseconds

START, HOUR, BAR = datetime(2024, 3, 1, tzinfo=UTC), timedelta(hours=1), 1.4
NUMBERS, TEXTS = [f"n{i}" for i in range(40)], [f"t{i}" for i in range(10)]
MADE = (
    "DROP TABLE IF EXISTS predictions",
    "DROP TABLE IF EXISTS outcomes",
    """CREATE TABLE predictions AS
       SELECT i AS id, '2024-03-01 00:00Z'::timestamptz + i * interval '1 day' / {rows} AS at,
              (random() > 0.5)::int AS decided, random() AS score, {drawn} FROM generate_series(0, {rows} - 1) i""",
    """CREATE TABLE outcomes AS SELECT id, at + interval '1 hour' AS seen, (random() > 0.5)::int AS happened
       FROM predictions""",
    "ALTER TABLE predictions ADD PRIMARY KEY (id)",
    "CREATE INDEX ON predictions (at)",
    "CREATE INDEX ON outcomes (id)",
    "ANALYZE",
)


def fill(url: str, rows: int) -> None:
    """Make a day of predictions and the outcome of each."""
    drawn = [f"random() AS {name}" for name in NUMBERS]
    drawn += [f"'word ' || (random() * 30)::int AS {name}" for name in TEXTS]
    with psycopg.connect(url) as connection:
        for statement in MADE:
            connection.execute(statement.format(rows=rows, drawn=", ".join(drawn)).encode())


def opened(url: str) -> Source:
    block = {
        "url": url,
        "predictions": {"table": "predictions", "id": "id", "time": "at", "prediction": "decided", "score": "score"},
        "ground_truth": {"table": "outcomes", "id": "id", "time": "seen", "target": "happened"},
    }
    return open_source(SourceConfig.model_validate(block), columns=NUMBERS + TEXTS, folder=Path(), task="binary")


def counting(source: Source) -> Callable[[], object]:
    """Return the work of reading, joining and counting the day by the hour, on two threads."""
    columns: dict[str, Kind] = {FEATURE + name: "numeric" for name in NUMBERS}
    columns |= {FEATURE + name: "categorical" for name in TEXTS}
    columns |= {"score": "numeric", "prediction": "categorical", "target": "categorical"}
    model = Model("m", "binary", columns, roles=frozenset({"id", "prediction", "score", "target"}))
    layout = freeze(model, source.scan(START, START + HOUR))
    starts = np.array([microseconds(START + HOUR * h) for h in range(25)])

    def work() -> object:
        with ThreadPoolExecutor(2) as pool:
            builder = Builder(layout, starts, pool)
            for batch in source.scan(START, START + 24 * HOUR):
                builder.add(batch)
            return builder.finish()

    return work


def fetching(url: str) -> Callable[[], object]:
    """Return the work of fetching the same columns and keeping none."""
    names = ", ".join(f"p.{name}" for name in ("at", "id", "decided", "score", *NUMBERS, *TEXTS))
    statement = f"SELECT {names}, o.happened, o.seen FROM predictions p LEFT JOIN outcomes o USING (id)"

    def work() -> object:
        with dbapi.connect(url) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return sum(batch.num_rows for batch in cursor.fetch_record_batch())

    return work


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--postgres", help="URL of a database whose tables predictions and outcomes may be replaced")
    asked = parser.parse_args()
    with servers(asked.postgres) as server:
        fill(server, asked.rows)
        source = opened(server)
        mine, bare = best(counting(source)).wall, best(fetching(server)).wall
        source.close()
    print(f"{asked.rows:,} rows × 54 columns, joined with ground truth\n")
    print(f"| | seconds |\n|---|---|\n| read and counted | {mine:.2f} |\n| bare ADBC fetch | {bare:.2f} |")
    title = "1 M rows × 54 columns from PostgreSQL joined with labels and counted, beside the bare fetch"
    record("postgres", [at_most(title, mine / bare, BAR, f"{mine:.2f} s, fetch {bare:.2f} s")])
    print(f"\n{mine / bare:.2f} × the fetch (limit: {BAR} ×)")
    return 0 if mine <= BAR * bare else 1


if __name__ == "__main__":
    sys.exit(main())
