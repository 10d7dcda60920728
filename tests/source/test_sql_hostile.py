"""Names and values are hostile text, databases are down, and nothing is ever written."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import psycopg
import pytest

from monitor.errors import SourceError
from monitor.source import open_relation
from monitor.source.relation import Request

NAMES = [
    'x"; DROP TABLE t; --', "it's", "größe 😀", "a b", "per%cent", "%(x)s", ":colon", "$1", "?", "SELECT",
    "new\nline", "back\\slash", "[x]", "`tick`", "CamelCase", "a.b",
]  # fmt: skip


def quoted(name: str) -> str:
    """Quote an identifier as the standard says."""
    return '"' + name.replace('"', '""') + '"'


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_are_only_names(name: str, database: Any, tmp_path: Path) -> None:
    """Tables and columns may be called anything."""
    moment = "text" if database.sqlite else "timestamptz"
    table, column = quoted(name.replace("%", "%%") if not database.sqlite else name), quoted(name)
    plain = table.replace("%%", "%")
    database.run(f"CREATE TABLE {plain} (id integer, at {moment}, {column} text)")
    database.run(f"INSERT INTO {plain} VALUES (1, '2024-03-01 00:00:00+00:00', 'yes'), (2, null, 'no')")
    relation = open_relation(database.url, table=name, folder=tmp_path)
    batches = list(relation.read(Request((name, "id"), where={name: "yes"})))
    relation.close()
    assert [batch.to_pylist() for batch in batches] == [[{name: "yes", "id": 1}]]


@pytest.mark.parametrize("value", ["'; DROP TABLE t; --", "a%b", "%(x)s", ":x", "$1", "", "😀", "\\", "a\nb"])
def test_hostile_values_are_only_values(value: str, database: Any, tmp_path: Path) -> None:
    """Values of `where` are bound, never pasted."""
    database.fill("t", "id integer, name text", [(1, value), (2, "other")])
    relation = open_relation(database.url, table="t", folder=tmp_path)
    batches = list(relation.read(Request(("id", "name"), where={"name": value})))
    relation.close()
    assert [batch.to_pylist() for batch in batches] == [[{"id": 1, "name": value}]]


def test_missing_table_and_column_say_what_is_near(database: Any, opened: Any) -> None:
    """The error names the place and the nearest names."""
    database.fill("predictions", "id integer, at text, score real", [(1, "2024-01-01", 0.5)])
    block = {"url": database.url, "timezone": "UTC", "predictions": {"table": "Prediction", "id": "id", "time": "at"}}
    with pytest.raises(SourceError, match="no table 'Prediction'") as caught:
        opened(block)
    assert (caught.value.state, caught.value.hint) == ("missing_table", "did you mean `predictions`?")
    block["predictions"] = {"table": "predictions", "id": "id", "time": "at", "score": "scores"}
    with pytest.raises(SourceError, match="no column 'scores'") as caught:
        opened(block)
    assert (caught.value.state, caught.value.hint) == ("missing_column", "did you mean `score`?")
    block["predictions"] = {"table": "predictions", "id": "id", "time": "at", "where": {"modle": 1}}
    with pytest.raises(SourceError, match="no column 'modle'"):
        opened(block)


def test_a_wrong_query_is_explained(database: Any, tmp_path: Path) -> None:
    """A query that is no SELECT, or asks for what is not there, fails before anything is read."""
    database.fill("t", "id integer", [(1,)])
    for query, state in (
        ("SELEC 1", "unreadable"),
        ("SELECT * FROM nowhere", "missing_table"),
        ("SELECT nix FROM t", "missing_column"),
        ("DROP TABLE t", "unreadable"),
        ("SELECT 1) AS q; DROP TABLE t; --", "unreadable"),
    ):
        with pytest.raises(SourceError) as caught:
            open_relation(database.url, query=query, folder=tmp_path)
        assert caught.value.state == state
    relation = open_relation(database.url, table="t", folder=tmp_path)
    assert [b.num_rows for b in relation.read(Request(("id",)))] == [1]
    relation.close()


def test_sqlite_is_opened_read_only(sqlite: Any, tmp_path: Path) -> None:
    """A write through the reader's own connection fails."""
    sqlite.fill("t", "id integer", [(1,)])
    relation: Any = open_relation(sqlite.url, table="t", folder=tmp_path)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        relation.engine.connection.execute("INSERT INTO t VALUES (2)")
    relation.close()


@pytest.mark.parametrize("driver", ["", "+psycopg"])
def test_postgres_is_read_only(driver: str, postgres_database: str, tmp_path: Path) -> None:
    """Even a query that calls a writing function cannot write."""
    with psycopg.connect(postgres_database) as connection:
        connection.execute("CREATE TABLE t (id integer)")
        connection.execute(
            "CREATE FUNCTION sneak() RETURNS integer LANGUAGE sql VOLATILE AS 'INSERT INTO t VALUES (1) RETURNING id'"
        )
    url = postgres_database.replace("://", f"{driver}://", 1)
    relation = open_relation(url, query="SELECT sneak() AS id", folder=tmp_path)
    with pytest.raises(SourceError, match="read-only") as caught:
        list(relation.read(Request(("id",))))
    relation.close()
    assert caught.value.state == "permission_denied"
    with psycopg.connect(postgres_database) as connection:
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)


@pytest.mark.parametrize("driver", ["", "+psycopg"])
def test_a_user_without_rights_is_told_so(driver: str, postgres_database: str, tmp_path: Path) -> None:
    """Missing rights are not taken for a missing table."""
    with psycopg.connect(postgres_database) as connection:
        connection.execute("CREATE TABLE t (id integer)")
        connection.execute("DROP ROLE IF EXISTS poor")
        connection.execute("CREATE ROLE poor LOGIN PASSWORD 's3cret'")
    url = postgres_database.replace("postgres@", "poor:s3cret@").replace("://", f"{driver}://", 1)
    relation = open_relation(url, table="t", folder=tmp_path)
    with pytest.raises(SourceError) as caught:
        list(relation.read(Request(("id",))))
    relation.close()
    assert caught.value.state == "permission_denied"
    assert "s3cret" not in str(caught.value) + repr(relation) + relation.name + relation.database
    with psycopg.connect(postgres_database) as connection:
        connection.execute("DROP ROLE poor")


@pytest.mark.parametrize("driver", ["", "+psycopg"])
@pytest.mark.parametrize("place", ["127.0.0.1:1/logs", "no-such-host.invalid/logs"])
def test_an_unreachable_database_is_told_with_its_password_hidden(driver: str, place: str, tmp_path: Path) -> None:
    """The error comes soon, says where, and never shows the password."""
    with pytest.raises(SourceError) as caught:
        open_relation(f"postgresql{driver}://me:s3cr%40t@{place}", table="t", folder=tmp_path)
    assert caught.value.state == "unreachable"
    assert "me:***@" in str(caught.value)
    assert "s3cr" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_missing_database_or_file(postgres_database: str, tmp_path: Path) -> None:
    """A database or file that is not there is unreachable; a file that is none is unreadable."""
    (tmp_path / "text.db").write_text("no database at all, only a longer text " * 50)
    for url, state in (
        (postgres_database + "x", "unreachable"),
        ("sqlite:///nowhere.db", "unreachable"),
        ("sqlite://", "unreachable"),
        ("sqlite:///text.db", "unreadable"),
        ("nonsense+foo://x", "unreadable"),
    ):
        with pytest.raises(SourceError) as caught:
            open_relation(url, table="t", folder=tmp_path)
        assert caught.value.state == state


def test_a_slow_statement_times_out(postgres_database: str, tmp_path: Path) -> None:
    """The server's own limit on statements holds, and the error says what to do."""
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET statement_timeout = '50ms'")
    relation = open_relation(postgres_database, query="SELECT pg_sleep(5)::text AS a", folder=tmp_path)
    with pytest.raises(SourceError) as caught:
        list(relation.read(Request(("a",))))
    assert caught.value.state == "timeout"


def test_schemas_of_postgres(postgres_database: str, tmp_path: Path) -> None:
    """A table of another schema is named with it, and near names too."""
    with psycopg.connect(postgres_database) as connection:
        connection.execute("CREATE SCHEMA logs")
        connection.execute("CREATE TABLE logs.calls (id integer primary key)")
        connection.execute("CREATE MATERIALIZED VIEW seen AS SELECT 1 AS id")
    assert open_relation(postgres_database, table="logs.calls", folder=tmp_path).unique("id")
    assert open_relation(postgres_database, table="seen", folder=tmp_path).schema().names == ["id"]
    with pytest.raises(SourceError) as caught:
        open_relation(postgres_database, table="logs.call", folder=tmp_path)
    assert caught.value.hint == "did you mean `logs.calls`?"
