"""A window of any length is streamed: memory does not grow with it."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

FEW, MANY = 50_000, 1_000_000
COLUMNS = ["a", "b", "c", "d", "e"]
SPREAD = "i * 0.5 AS a, i % 97 AS b, 'category ' || (i % 13) AS c, i * 1.25 AS d, 'text of some length ' || i AS e"


def resident() -> int:
    """Return the memory of this process in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def growth(source: Any, expected: int) -> int:
    """Read everything and return by how much memory grew at its peak."""
    before = peak = resident()
    rows = 0
    for batch in source.scan(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)):
        rows += batch.num_rows
        peak = max(peak, resident())
    assert rows == expected
    return peak - before


def block(url: str, table: str) -> dict[str, Any]:
    """Join predictions with as much ground truth."""
    return {
        "url": url,
        "predictions": {"table": table, "id": "id", "time": "at"},
        "ground_truth": {"table": table, "time": "at", "target": "b"},
    }


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux's /proc")
def test_a_million_rows_of_sqlite_are_streamed(sqlite: Any, opened: Any) -> None:
    """Ten times the rows take no more memory."""
    for name, rows in (("few", FEW), ("many", MANY)):
        sqlite.run(
            f"CREATE TABLE {name} (id integer primary key, at integer, a real, b integer, c text, d real, e text);"
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"
            f"INSERT INTO {name} SELECT i, 1700000000 + i, {SPREAD} FROM n"
        )
    few, many = (opened(block(sqlite.url, name), columns=COLUMNS) for name in ("few", "many"))
    growth(few, FEW)
    small = growth(few, FEW)
    assert growth(many, MANY) < small + 60_000_000


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux's /proc")
def test_a_million_rows_of_postgres_are_streamed(postgres_database: str, opened: Any) -> None:
    """Ten times the rows take no more memory."""
    with psycopg.connect(postgres_database) as connection:
        for name, rows in (("few", FEW), ("many", MANY)):
            connection.execute(
                f"CREATE TABLE {name} AS SELECT i AS id, to_timestamp(1700000000 + i) AS at, {SPREAD}"
                f" FROM generate_series(1, {rows}) AS i"
            )
            connection.execute(f"ALTER TABLE {name} ADD PRIMARY KEY (id)")
    few, many = (opened(block(postgres_database, name), columns=COLUMNS) for name in ("few", "many"))
    growth(few, FEW)
    small = growth(few, FEW)
    assert growth(many, MANY) < small + 60_000_000
