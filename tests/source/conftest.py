"""One set of tables, kept by each kind of database that the source room reads."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from monitor.config.source import SourceConfig
from monitor.source import Source, open_source


@dataclass(frozen=True)
class Database:
    """A database to fill; ``kind`` says through which reader its ``url`` goes."""

    kind: str
    url: str
    run: Callable[..., None]

    @property
    def sqlite(self) -> bool:
        return self.kind == "sqlite"

    def fill(self, table: str, columns: str, rows: Sequence[Sequence[object]]) -> None:
        """Make a table with the given column definitions and put rows into it."""
        self.run(f"CREATE TABLE {table} ({columns})")
        if rows:
            marks = ", ".join(["?" if self.sqlite else "%s"] * len(rows[0]))
            self.run(f"INSERT INTO {table} VALUES ({marks})", rows)


@pytest.fixture(params=["sqlite", "postgres", "generic"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """Give an empty database of each kind in turn."""
    if request.param == "sqlite":
        return sqlite_database(tmp_path / "logs.db")
    url = request.getfixturevalue("postgres_database")

    def run(sql: str, rows: Sequence[Sequence[object]] | None = None) -> None:
        with psycopg.connect(url) as connection, connection.cursor() as cursor:
            if rows is None:
                cursor.execute(sql)
            else:
                cursor.executemany(sql, rows)

    address = url if request.param == "postgres" else url.replace("://", "+psycopg://", 1)
    return Database(request.param, address, run)


@pytest.fixture
def sqlite(tmp_path: Path) -> Database:
    """Give an empty SQLite file."""
    return sqlite_database(tmp_path / "logs.db")


@pytest.fixture
def another_sqlite(tmp_path: Path) -> Database:
    """Give a second empty SQLite file."""
    return sqlite_database(tmp_path / "another.db")


def sqlite_database(path: Path) -> Database:
    def run(sql: str, rows: Sequence[Sequence[object]] | None = None) -> None:
        connection = sqlite3.connect(path)
        if rows is None:
            connection.executescript(sql)
        else:
            connection.executemany(sql, rows)
        connection.commit()
        connection.close()

    return Database("sqlite", f"sqlite:///{path}", run)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., Source]]:
    """Open sources from plain blocks and close them after the test."""
    sources: list[Source] = []

    def open_block(block: dict[str, Any], *, columns: Sequence[str] = (), task: str = "binary", **more: Any) -> Source:
        config = SourceConfig.model_validate(block)
        sources.append(open_source(config, columns=columns, folder=tmp_path, task=task, **more))
        return sources[-1]

    yield open_block
    for source in sources:
        source.close()
