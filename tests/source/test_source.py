"""What a source offers beside its rows: places that differ, mere rows, remarks, and no needless imports."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from monitor.errors import SourceError
from monitor.source.inspection import inspect

START = datetime(2024, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def fill(sqlite: Any) -> dict[str, Any]:
    """Put ten predictions into SQLite and give their block."""
    sqlite.fill("p", "id integer, at text, score real, kind text", [
        (i, (START + i * HOUR).isoformat(), i / 10, "ab"[i % 2]) for i in range(10)
    ])  # fmt: skip
    return {
        "url": sqlite.url,
        "predictions": {"table": "p", "id": "id", "time": "at", "score": "score"},
    }


def test_ground_truth_in_another_place(sqlite: Any, opened: Any, tmp_path: Path) -> None:
    """Ground truth of a Parquet file finds predictions of a database, numbers as text."""
    block = fill(sqlite)
    truth = pa.table({
        "ref": ["1", "1", "2", "77"],
        "seen": pa.array([START, START + HOUR, START, START + HOUR], pa.timestamp("us", "UTC")),
        "y": [0, 1, 1, 1],
    })  # fmt: skip
    pq.write_table(truth, tmp_path / "truth.parquet")
    block["ground_truth"] = {
        "url": "parquet:///truth.parquet", "id": "ref", "time": "seen", "target": "y",
    }  # fmt: skip
    source = opened(block)
    rows = [row for b in source.scan(START, START + 5 * HOUR) for row in b.to_pylist()]
    assert {row["id"]: row["target"] for row in rows} == {0: None, 1: 1, 2: 1, 3: None, 4: None}
    assert [row["target_time"] for row in rows if row["id"] == 1] == [START + HOUR]
    assert source.orphans() == 1
    assert source.orphans(START, START + HOUR) == 0
    assert inspect(source) == []


def test_ground_truth_in_another_sqlite_file(sqlite: Any, another_sqlite: Any, opened: Any) -> None:
    """Two files of one kind are still two places."""
    block = fill(sqlite)
    other = another_sqlite
    other.fill("g", "id text, y boolean", [("3", 1), ("4", 0), ("x", 1)])
    block["ground_truth"] = {"url": other.url, "table": "g", "target": "y"}
    source = opened(block)
    rows = [row for batch in source.scan() for row in batch.to_pylist()]
    assert {row["id"]: row["target"] for row in rows if row["target"] is not None} == {3: True, 4: False}
    assert source.orphans() == 1


def test_mere_rows_need_neither_time_nor_id(opened: Any, tmp_path: Path) -> None:
    """A reference file gives the roles that it has, the target among them."""
    pq.write_table(pa.table({"score": [0.5, 0.7], "y": [1, 0], "age": [3, 4]}), tmp_path / "reference.parquet")
    source = opened(
        {
            "url": "parquet:///reference.parquet",
            "predictions": {"id": "id", "time": "at", "score": "score"},
            "ground_truth": {"table": "g", "target": "y"},
        },
        columns=["age"],
        rows_only=True,
    )
    (batch,) = source.scan()
    assert batch.to_pydict() == {"score": [0.5, 0.7], "target": [1, 0], "column:age": [3, 4]}
    assert source.extent() is None
    assert source.untimed() == 0


def test_an_empty_log_is_remarked(database: Any, opened: Any) -> None:
    """No rows are no fault, but are said."""
    database.fill("p", "id integer, at timestamp with time zone", [])
    source = opened({"url": database.url, "predictions": {"table": "p", "id": "id", "time": "at"}})
    assert [remark.rpartition(" has ")[2] for remark in inspect(source)] == ["no row with a time"]
    assert source.extent() is None
    assert list(source.scan()) == []
    assert list(source.scan(START, START + HOUR)) == []


def test_a_score_for_each_class(sqlite: Any, opened: Any) -> None:
    """Multiclass scores come under their classes, versions as text, columns as they are."""
    block = fill(sqlite)
    block["predictions"] |= {"score": {"a": "score", "b": "id"}, "version": "id"}
    source = opened(block, columns=["kind", "score"], task="multiclass")
    batch = next(source.scan(START, START + HOUR))
    assert batch.to_pylist() == [{
        "time": START, "id": 0, "version": "0", "score:a": 0.0, "score:b": 0,
        "column:kind": "a", "column:score": 0.0,
    }]  # fmt: skip


def test_a_role_of_a_wrong_type_is_refused(postgres_database: str, opened: Any) -> None:
    """A score cannot be a time."""
    import psycopg

    with psycopg.connect(postgres_database) as connection:
        connection.execute("CREATE TABLE p (id integer, at timestamptz)")
    block = {"table": "p", "id": "id", "time": "at", "score": "at"}
    with pytest.raises(SourceError, match="mapped to `score` but holds times") as caught:
        inspect(opened({"url": postgres_database, "predictions": block}))
    assert caught.value.state == "wrong_type"


def test_only_the_kind_in_use_is_imported(tmp_path: Path) -> None:
    """Neither DuckDB nor a PostgreSQL driver is loaded for a SQLite file."""
    program = (
        "import sqlite3, sys; from pathlib import Path\n"
        "sqlite3.connect('a.db').execute('CREATE TABLE t (a)')\n"
        "from monitor.source import open_relation\n"
        "open_relation('sqlite:///a.db', table='t', folder=Path()).close()\n"
        "print([m for m in ('duckdb', 'adbc_driver_postgresql', 'psycopg', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
