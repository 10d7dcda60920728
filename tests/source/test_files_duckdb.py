"""DuckDB files: tables, views, queries, types that Arrow lacks, and what cannot be opened."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from monitor.errors import SourceError
from monitor.source import Relation, Request, open_relation

START = datetime(2024, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
Opener = Callable[..., Relation]


@pytest.fixture
def opened(tmp_path: Path) -> Any:
    """Make a file by SQL and open a relation of it; everything is closed afterwards."""
    relations = []

    def open_it(sql: str, table: str | None = None, query: str | None = None) -> Relation:
        if sql:
            with duckdb.connect(str(tmp_path / "x.db")) as file:
                file.execute(sql)
        relations.append(open_relation("duckdb:///x.db", table=table, query=query, folder=tmp_path))
        return relations[-1]

    yield open_it
    for each in relations:
        each.close()


def rows(relation: Relation, request: Request) -> list[dict[str, Any]]:
    """Read all rows of a request."""
    return [row for batch in relation.read(request) for row in batch.to_pylist()]


def test_tables_views_and_queries(opened: Opener) -> None:
    """Names may be odd and in schemas; a query may end in a semicolon or a comment."""
    made = 'CREATE SCHEMA s; CREATE TABLE s."a.b; --" AS SELECT 1 AS n; CREATE VIEW v AS SELECT 2 AS n'
    ask = Request(("n",))
    assert rows(opened(made, "s.a.b; --"), ask) == [{"n": 1}]
    assert rows(opened("", "v"), ask) == [{"n": 2}]
    assert rows(opened("", query="SELECT n + 1 AS n FROM v; "), ask) == [{"n": 3}]
    assert rows(opened("", query="SELECT n FROM v -- the end"), ask) == [{"n": 2}]


def test_types_that_arrow_lacks_become_plain(opened: Opener) -> None:
    """Every column is one of the plain types, and the schema says which."""
    relation = opened(
        """CREATE TABLE t AS SELECT 1.5::DECIMAL(9,2) AS d, 5::HUGEINT AS h, [1, 2] AS l, {'a': 1} AS s,
        MAP {'k': 1} AS m, TIME '10:00:00' AS ti, INTERVAL 1 DAY AS iv, 'x'::BLOB AS b, '101'::BIT AS bi,
        'a'::ENUM('a', 'b') AS e, '{"j": 1}'::JSON AS j, true AS k, 18446744073709551615::UBIGINT AS u,
        '7f1b3c1e-5d3c-4a56-8f5b-1b9d0f0c7a11'::UUID AS id, NULL AS nothing""",
        "t",
    )
    names = tuple(relation.schema().names)
    found = pa.Table.from_batches(relation.read(Request(names)))
    assert found.schema == relation.schema()
    assert found.to_pylist() == [{
        "d": 1.5, "h": 5.0, "l": "[1,2]", "s": '{"a":1}', "m": '{"k":1}', "ti": "10:00:00", "iv": "1 day",
        "b": "x", "bi": "101", "e": "a", "j": '{"j": 1}', "k": True, "u": 2**64 - 1,
        "id": "7f1b3c1e-5d3c-4a56-8f5b-1b9d0f0c7a11", "nothing": None,
    }]  # fmt: skip


@pytest.mark.parametrize("kind", ["TIMESTAMPTZ", "TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_S", "DATE", "BIGINT"])
def test_a_window_is_bound(kind: str, opened: Opener) -> None:
    """All rows inside come, for every type of time, and hardly any outside."""
    value = "epoch(t)" if kind == "BIGINT" else "t"
    relation = opened(
        f"""SET TimeZone = 'UTC'; CREATE TABLE t AS SELECT i AS n, ({value})::{kind} AS at FROM
        (SELECT i, TIMESTAMPTZ '2024-03-01 00:00:00+00' + to_hours(i::INTEGER) AS t FROM range(240) r(i))""",
        "t",
    )
    ask = Request(("n",), "at", START + DAY, START + 2 * DAY, timezone="UTC")
    found = {row["n"] for row in rows(relation, ask)}
    assert set(range(24, 48)) <= found <= set(range(24, 72))
    first, last = relation.extent(Request((), "at"))  # type: ignore[misc]
    if kind == "TIMESTAMPTZ":
        assert (first, last) == (START, START + timedelta(hours=239))
    assert relation.extent(Request((), "at", where={"n": -1})) is None


def test_keys_prove_that_ids_are_unique(opened: Opener) -> None:
    """A key on the column alone proves it, a key on two columns does not."""
    made = "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT UNIQUE, c INTEGER, d INTEGER, UNIQUE (c, d))"
    relation = opened(made, "t")
    assert [relation.unique(name) for name in "abcd"] == [True, True, False, False]


@pytest.mark.parametrize(
    ("table", "query", "state", "says"),
    [
        ("rowz", None, "missing_table", "did you mean `rows`"),
        (None, None, "unreadable", "holds many tables"),
        (None, "SELECT nope FROM rows", "unreadable", "nope"),
        (None, "SELECT * FROM nope", "missing_table", "nope"),
        (None, "DROP TABLE rows", "unreadable", "syntax error"),
        (None, "SELECT 1 AS n) AS x; DELETE FROM rows; SELECT (1", "unreadable", "x.db"),
    ],
)
def test_what_is_not_there_is_named(
    table: str | None, query: str | None, state: str, says: str, opened: Opener
) -> None:
    """A missing table gives the nearest, and the file cannot be changed."""
    opened("CREATE TABLE rows AS SELECT 1 AS n", "rows")
    with pytest.raises(SourceError, match=says) as caught:
        opened("", table, query).schema()
    assert caught.value.state == state


def test_a_file_open_for_writing_elsewhere_is_named(tmp_path: Path) -> None:
    """The lock of another process is told, not its consequences."""
    writer = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    other = subprocess.Popen(
        [sys.executable, "-c", writer, str(tmp_path / "x.db")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    with other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(SourceError, match="open for writing elsewhere") as caught:
            open_relation("duckdb:///x.db", table="t", folder=tmp_path)
    assert caught.value.state == "unreachable"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """Nothing is created when the file is not there."""
    with pytest.raises(SourceError, match="no file matches") as caught:
        open_relation("duckdb:///x.db", table="t", folder=tmp_path)
    assert caught.value.state == "missing_table"
    assert list(tmp_path.iterdir()) == []
