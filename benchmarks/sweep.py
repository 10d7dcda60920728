"""What it costs to look for late rows in 30 days of tiles, beside reading them all again, as a Markdown table.

``python -m benchmarks.sweep [--rows 720000] [--postgres URL]``: predictions with 8 features and as many outcomes, an
hour per tile. Without a URL a PostgreSQL is started as the tests start theirs. Best of three.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import psycopg

from benchmarks.stopwatch import best, once
from monitor.config.source import SourceConfig
from monitor.domain.model import FEATURE, Model
from monitor.profile.build import Builder
from monitor.profile.digest import Digest, digests, tile_index
from monitor.profile.freezer import freeze
from monitor.source import Source, open_source
from monitor.source.bounds import microseconds
from monitor.source.fingerprints import fingerprints

START = datetime(2024, 3, 1, tzinfo=UTC)
BOUNDS = [START + timedelta(hours=h) for h in range(30 * 24 + 1)]
FEATURES = [f"f{i}" for i in range(8)]
_NUMBERS = ", ".join(f"{name} double precision" for name in FEATURES)
_TABLES = (
    f"CREATE TABLE predictions (id text PRIMARY KEY, at {{moment}}, decided int, score double precision, {_NUMBERS})",
    "CREATE TABLE outcomes (id text, seen {moment}, happened int)",
)
_INDEXES = (
    "CREATE INDEX predictions_at ON predictions (at)",
    "CREATE INDEX outcomes_id ON outcomes (id)",
)


def rows_of(count: int) -> Iterator[tuple[object, ...]]:
    """Make predictions evenly spread over 30 days."""
    rng = np.random.default_rng(1)
    step = timedelta(days=30) / count
    for i, numbers in enumerate(rng.random((count, len(FEATURES) + 1)).round(4).tolist()):
        yield f"p{i:09}", (START + i * step).isoformat(), int(numbers[0] > 0.5), *numbers


def truth_of(count: int) -> Iterator[tuple[object, ...]]:
    """Make the outcome of every prediction, a day later."""
    step = timedelta(days=30) / count
    return ((f"p{i:09}", (START + i * step + timedelta(days=1)).isoformat(), i * i % 3 % 2) for i in range(count))


def fill_sqlite(path: Path, rows: int) -> str:
    with sqlite3.connect(path) as connection:
        for statement in _TABLES:
            connection.execute(statement.format(moment="text"))
        marks = ",".join("?" * (len(FEATURES) + 4))
        connection.executemany(f"INSERT INTO predictions VALUES ({marks})", rows_of(rows))
        connection.executemany("INSERT INTO outcomes VALUES (?,?,?)", truth_of(rows))
        for statement in _INDEXES:
            connection.execute(statement)
    connection.close()
    return f"sqlite:////{str(path).lstrip('/')}"


def fill_postgres(url: str, rows: int) -> str:
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS predictions; DROP TABLE IF EXISTS outcomes")
        for statement in _TABLES:
            cursor.execute(statement.format(moment="timestamptz"))
        for table, made in (("predictions", rows_of(rows)), ("outcomes", truth_of(rows))):
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                for row in made:
                    copy.write_row(row)
        for statement in (*_INDEXES, "ANALYZE"):
            cursor.execute(statement)
    return url


def opened(url: str) -> Source:
    block = {
        "url": url,
        "predictions": {"table": "predictions", "id": "id", "time": "at", "prediction": "decided", "score": "score"},
        "ground_truth": {"table": "outcomes", "id": "id", "time": "seen", "target": "happened"},
    }
    return open_source(SourceConfig.model_validate(block), columns=FEATURES, folder=Path(), task="binary")


def read_again(source: Source, *, hashed: bool = True, digested: bool = True) -> None:
    """Read and count every row, as the first run does."""
    roles = frozenset({"id", "prediction", "score", "target"})
    columns = {FEATURE + name: "numeric" for name in FEATURES} | {"score": "numeric", "prediction": "categorical"}
    model = Model("m", "binary", columns, roles=roles)  # type: ignore[arg-type]
    layout = freeze(model, [next(source.scan(BOUNDS[0], BOUNDS[24]))])
    starts = np.array([microseconds(each) for each in BOUNDS])
    builder, found = Builder(layout, starts), dict[int, Digest]()
    for batch in source.scan(BOUNDS[0], BOUNDS[-1], hashed=hashed):
        if digested:
            for tile, digest in digests(batch, tile_index(batch, starts)).items():
                found[tile] = found.get(tile, Digest()) + digest
        builder.add(batch)
    builder.finish()


@contextmanager
def servers(given: str | None) -> Iterator[str]:
    """Give the URL of a PostgreSQL, started for the purpose unless one is given."""
    if given is not None:
        yield given
        return
    from tests.conftest import postgres

    start = postgres.__wrapped__()  # type: ignore[attr-defined]
    yield next(start)
    start.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=720_000)
    parser.add_argument("--postgres", help="URL of a database whose tables predictions and outcomes may be replaced")
    asked = parser.parse_args()
    print(f"{asked.rows:,} predictions and outcomes in {len(BOUNDS) - 1} tiles; seconds\n")
    print("| log | fingerprints | read again | ratio | reading without digests |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, servers(asked.postgres) as server:
        logs = {
            "PostgreSQL": fill_postgres(server, asked.rows),
            "SQLite": fill_sqlite(Path(folder, "log.db"), asked.rows),
        }
        for name, url in logs.items():
            source = opened(url)
            asked_once = best(lambda s=source: fingerprints(s, BOUNDS)).wall  # type: ignore[misc]
            again = best(lambda s=source: read_again(s)).wall  # type: ignore[misc]
            bare = best(lambda s=source: read_again(s, hashed=False, digested=False)).wall  # type: ignore[misc]
            print(f"| {name} | {asked_once:.2f} | {again:.2f} | {again / asked_once:.1f} | {bare:.2f} |")
            print(f"| {name}, nobody wrote | {once(source.stamp).wall:.5f} | | | |")
            source.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
