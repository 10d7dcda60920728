"""A log's stamp moves with whatever was written to it, and stands still otherwise."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

OLD = 1_700_000_000_000_000_000
PREDICTIONS = {"id": "id", "time": "at", "target": "y"}


def write(path: Path, text: str = "id,at,y\n1,2024-03-01T00:00:00Z,1\n", *, at: int = OLD) -> None:
    path.write_text(text)
    os.utime(path, ns=(at, at))


@pytest.fixture
def stamp(tmp_path: Path, opened: Any) -> Any:
    """Give a function that opens all CSV files of a folder anew and returns their stamp."""
    return lambda **more: opened({"url": "csv:///*.csv", "predictions": PREDICTIONS} | more).stamp()


def test_files_are_told_by_name_size_and_time(tmp_path: Path, stamp: Any) -> None:
    """A new file, another name, another size and another time each make another stamp; the same make the same."""
    write(tmp_path / "a.csv")
    seen = [stamp()]
    assert stamp() == seen[0] is not None
    write(tmp_path / "b.csv")
    seen.append(stamp())
    (tmp_path / "b.csv").rename(tmp_path / "c.csv")
    seen.append(stamp())
    write(tmp_path / "c.csv", "id,at,y\n1,2024-03-01T00:00:00Z,12\n")
    seen.append(stamp())
    write(tmp_path / "c.csv", "id,at,y\n1,2024-03-01T00:00:00Z,13\n", at=OLD + 1)
    seen.append(stamp())
    assert len(set(seen)) == len(seen)
    (tmp_path / "c.csv").unlink()
    assert stamp() == seen[0]


def test_what_is_asked_is_part_of_the_stamp(tmp_path: Path, stamp: Any) -> None:
    """Other rows or roles of the same files are something else."""
    write(tmp_path / "a.csv")
    assert stamp() != stamp(predictions=PREDICTIONS | {"where": {"y": 1}})
    assert stamp() != stamp(predictions=PREDICTIONS | {"target": "id"})


def test_a_fresh_file_has_no_stamp(tmp_path: Path, stamp: Any) -> None:
    """What changed just now may change again within the same tick of the clock."""
    write(tmp_path / "a.csv", at=4_000_000_000_000_000_000)
    assert stamp() is None


def test_ground_truth_is_part_of_it(tmp_path: Path, opened: Any, postgres_database: str, sqlite: Any) -> None:
    """Both logs must stand still; a server never proves that it does."""
    (tmp_path / "rows").mkdir()
    write(tmp_path / "rows" / "a.csv")
    sqlite.fill("g", "id INTEGER, y INTEGER", [(1, 1)])
    path = Path(sqlite.url.removeprefix("sqlite:///"))
    block: dict[str, Any] = {"url": "csv:///rows/*.csv", "predictions": {"id": "id", "time": "at"}}
    block["ground_truth"] = {"url": sqlite.url, "table": "g", "id": "id", "target": "y"}
    os.utime(path, ns=(OLD, OLD))
    before = opened(block).stamp()
    assert before is not None
    os.utime(path, ns=(OLD + 1, OLD + 1))
    assert opened(block).stamp() != before
    table = {"query": "SELECT 1 AS id, 1 AS y", "id": "id", "target": "y"}
    assert opened(block | {"ground_truth": {"url": postgres_database, **table}}).stamp() is None


def test_a_write_ahead_log_counts(sqlite: Any, opened: Any) -> None:
    """What a writer has not yet moved into the file itself is seen all the same."""
    sqlite.fill("p", "id INTEGER, at TEXT, y INTEGER", [(1, "2024-03-01T00:00:00Z", 1)])
    path = Path(sqlite.url.removeprefix("sqlite:///"))
    writer = sqlite3.connect(path, isolation_level=None)
    try:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("UPDATE p SET y = 0")
        source = opened({"url": sqlite.url, "predictions": PREDICTIONS | {"table": "p"}})

        def settled() -> str:
            for each in (path, Path(f"{path}-wal")):
                os.utime(each, ns=(OLD, OLD))
            found = source.stamp()
            assert found is not None
            return str(found)

        before = settled()
        assert settled() == before
        writer.execute("INSERT INTO p VALUES (2, '2024-03-01T00:00:00Z', 0)")
        assert settled() != before
    finally:
        writer.close()
