"""What goes wrong with a log has a name and a cure: slow, locked, denied, renamed, gone, unreachable."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.engine import make_url

from monitor.errors import SourceError
from monitor.source.fingerprints import fingerprints
from monitor.source.source import Source
from tests.source.conftest import Database

START = datetime(2024, 3, 1, tzinfo=UTC)
BOUNDS = [START + i * timedelta(hours=1) for i in range(25)]
Read = Callable[[Source], object]


def everything(source: Source) -> object:
    """Read every row."""
    return list(source.scan(BOUNDS[0], BOUNDS[-1], hashed=True))


def prints(source: Source) -> object:
    """Ask for fingerprints."""
    return fingerprints(source, BOUNDS)


READS = pytest.mark.parametrize("read", [everything, prints])


@pytest.fixture
def database(postgres_database: str) -> Iterator[Database]:
    """Give a database with a table of predictions and one of outcomes."""

    def run(sql: str) -> None:
        with psycopg.connect(postgres_database) as connection:
            connection.execute(sql)

    run("CREATE TABLE p (id int PRIMARY KEY, at timestamptz)")
    run("CREATE TABLE g (id int, seen timestamptz, y boolean)")
    run("INSERT INTO p SELECT n, timestamptz '2024-03-01Z' + n * interval '1 min' FROM generate_series(1, 600) n")
    run("INSERT INTO g SELECT id, at, id % 2 = 0 FROM p")
    return Database("postgres", postgres_database, run)


def block(url: str, **more: str | None) -> dict[str, Any]:
    """Say where everything stands."""
    return {
        "url": url,
        "predictions": {"table": "p", "id": "id", "time": "at"} | more,
        "ground_truth": {"table": "g", "id": "id", "time": "seen", "target": "y"},
    }


def with_timeout(url: str, milliseconds: int) -> str:
    options = {"options": f"-c statement_timeout={milliseconds}"}
    return make_url(url).update_query_dict(options).render_as_string(hide_password=False)


def fault(read: Read, source: Source) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read(source)
    assert caught.value.hint
    return caught.value


@READS
def test_a_slow_log_ends_by_its_timeout(database: Database, opened: Any, read: Read) -> None:
    """The limit of the URL holds for our statements; the fault says what to raise or to add."""
    slow = "SELECT id, at FROM p WHERE pg_sleep(0.05) IS NOT NULL"
    error = fault(read, opened(block(with_timeout(database.url, 300), table=None, query=slow)))
    assert error.state == "timeout"
    assert "statement_timeout" in error.hint


@READS
def test_a_locked_table_ends_by_the_timeout(database: Database, opened: Any, read: Read) -> None:
    """Somebody who rewrites the table holds readers up, but not for ever."""
    source = opened(block(with_timeout(database.url, 300)))
    with psycopg.connect(database.url) as other:
        other.execute("LOCK TABLE p IN ACCESS EXCLUSIVE MODE")
        assert fault(read, source).state == "timeout"


def test_a_locked_table_cannot_hold_up_the_opening(database: Database, opened: Any) -> None:
    """Asking a query for its columns has the same limit."""
    url = with_timeout(database.url, 300)
    with psycopg.connect(database.url) as other:
        other.execute("LOCK TABLE p IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(SourceError) as caught:
            opened(block(url, table=None, query="SELECT * FROM p"))
    assert caught.value.state == "timeout"


@READS
@pytest.mark.parametrize(
    ("damage", "state"),
    [
        ("ALTER TABLE p RENAME TO renamed", "missing_table"),
        ("DROP TABLE g", "missing_table"),
        ("ALTER TABLE p DROP COLUMN at", "missing_column"),
        ("ALTER TABLE g RENAME y TO happened", "missing_column"),
    ],
)
def test_what_goes_while_it_is_open(database: Database, opened: Any, read: Read, damage: str, state: str) -> None:
    """A table or column that vanishes under an open source is named for what it is."""
    source = opened(block(database.url))
    database.run(damage)
    assert fault(read, source).state == state


@READS
def test_a_right_that_is_taken_away(database: Database, opened: Any, read: Read) -> None:
    """A user who may no longer read is told to be granted it."""
    name = f"reader_{uuid4().hex}"
    database.run(f"CREATE ROLE {name} LOGIN; GRANT SELECT ON p, g TO {name}")
    try:
        url = make_url(database.url).set(username=name).render_as_string(hide_password=False)
        source = opened(block(url))
        read(source)
        database.run(f"REVOKE SELECT ON g FROM {name}")
        error = fault(read, source)
        assert error.state == "permission_denied"
        assert "SELECT" in error.hint
    finally:
        database.run(f"DROP OWNED BY {name}; DROP ROLE {name}")


@READS
def test_a_server_that_is_not_there(database: Database, opened: Any, read: Read) -> None:
    """Nobody listens: unreachable, and the password stays hidden."""
    source = opened(block(database.url))
    engine = source.predictions.engine
    object.__setattr__(engine, "url", "postgresql://me:s3cret@127.0.0.1:1/gone")
    error = fault(read, source)
    assert error.state == "unreachable"
    assert "s3cret" not in str(error)


def test_a_clock_is_the_servers(database: Database, opened: Any, sqlite: Database) -> None:
    """A server tells its present; a file has none."""
    with psycopg.connect(database.url) as connection:
        (before,) = connection.execute("SELECT clock_timestamp()").fetchone() or (None,)
    for url in (database.url, database.url.replace("://", "+psycopg://", 1)):
        source = opened(block(url))
        assert before is not None
        assert before <= source.clock() < before + timedelta(minutes=5)
        assert source.clock().utcoffset() == timedelta()
    sqlite.fill("p", "id INTEGER, at TEXT", [(1, START.isoformat())])
    sqlite.fill("g", "id INTEGER, seen TEXT, y INTEGER", [])
    assert opened(block(sqlite.url)).clock() is None


def test_a_busy_sqlite_file(sqlite: Database, opened: Any) -> None:
    """A writer that holds the whole file ends in a timeout with a cure, not in a wait for ever."""
    sqlite.fill("p", "id INTEGER, at TEXT", [(1, START.isoformat())])
    sqlite.fill("g", "id INTEGER, seen TEXT, y INTEGER", [])
    source = opened(block(sqlite.url))
    source.predictions.engine.connection.execute("PRAGMA busy_timeout=50")
    source.ground_truth.relation.engine.connection.execute("PRAGMA busy_timeout=50")
    writer = sqlite3.connect(sqlite.url.removeprefix("sqlite:///"), isolation_level=None)
    try:
        writer.execute("BEGIN EXCLUSIVE")
        error = fault(prints, source)
    finally:
        writer.close()
    assert error.state == "timeout"
    assert "WAL" in error.hint
