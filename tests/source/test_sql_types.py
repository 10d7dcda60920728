"""Every type of column arrives as something the profiles can count."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pytest

from monitor.errors import SourceError
from monitor.source import open_relation
from monitor.source.canonical import canonical
from monitor.source.inspection import inspect
from monitor.source.relation import Request

DRIVERS = ["", "+psycopg"]
DAY = timedelta(days=1)
NOON = datetime(2024, 3, 5, 12, tzinfo=UTC)
# type, a value as SQL, what the profiles get
POSTGRES = [
    ("smallint", "7", 7),
    ("integer", "-7", -7),
    ("bigint", "9007199254740993", 9007199254740993),
    ("numeric(40,2)", "12345678.25", 12345678.25),
    ("numeric", "'NaN'", math.nan),
    ("real", "0.5", 0.5),
    ("double precision", "'-Infinity'", -math.inf),
    ("double precision", "1e308", 1e308),
    ("money", "'12.50'", 12.5),
    ("boolean", "true", True),
    ("text", "'ü😀'", "ü😀"),
    ("varchar(9)", "'abc'", "abc"),
    ("char(5)", "'abc'", "abc"),
    ("bytea", "'\\xc3bc'::bytea", "ü"),
    ("uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    ("json", "'{\"a\": [1]}'", '{"a": [1]}'),
    ("jsonb", "'{\"a\":1}'", '{"a": 1}'),
    ("mood", "'happy'", "happy"),
    ("integer[]", "'{1,2}'", "{1,2}"),
    ("text[]", "'{a,\"b c\"}'", '{a,"b c"}'),
    ("small", "5", 5),
    ("inet", "'10.0.0.1'", "10.0.0.1/32"),
    ("interval", "'1 day'", "1 day"),
    ("time", "'12:30'", "12:30:00"),
    ("int4range", "'[1,5)'", "[1,5)"),
    ("point", "'(1,2)'", "(1,2)"),
    ("oid", "42", "42"),
    ("bit(3)", "B'101'", "101"),
    ("xml", "'<a/>'", "<a/>"),
    ("tsvector", "'a b'", "'a' 'b'"),
    ("date", "'2024-03-05'", datetime(2024, 3, 5)),  # noqa: DTZ001
    ("timestamp", "'2024-03-05 12:00:00.5'", datetime(2024, 3, 5, 12, 0, 0, 500000)),  # noqa: DTZ001
    ("timestamptz", "'2024-03-05 12:00:00+02'", NOON - DAY / 12),
]


def first(relation: Any, name: str) -> pa.Array:
    """Return the canonical column of all rows."""
    batches = [canonical("column", b.column(0)) for b in relation.read(Request((name,)))]
    relation.close()
    return pa.chunked_array(batches).combine_chunks()


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("query", [False, True])
def test_all_types_of_postgres(driver: str, query: bool, postgres_database: str, tmp_path: Path) -> None:
    """A type that Arrow has stays, the others come as numbers, timestamps or text; null is null."""
    with psycopg.connect(postgres_database) as connection:
        connection.execute("CREATE TYPE mood AS ENUM ('sad', 'happy')")
        connection.execute("CREATE DOMAIN small AS integer CHECK (value < 10)")
        columns = ", ".join(f"c{at} {kind}" for at, (kind, _, _) in enumerate(POSTGRES))
        connection.execute(f"CREATE TABLE t ({columns})")
        connection.execute(f"INSERT INTO t VALUES ({', '.join(value for _, value, _ in POSTGRES)})")
        connection.execute("INSERT INTO t DEFAULT VALUES")
    url = postgres_database.replace("://", f"{driver}://", 1)
    where = {"query": "SELECT * FROM t"} if query else {"table": "t"}
    relation = open_relation(url, **where, folder=tmp_path)
    schema = relation.schema()
    names = tuple(f"c{at}" for at in range(len(POSTGRES)))
    (batch,) = relation.read(Request(names))
    relation.close()
    for at, (kind, _, wanted) in enumerate(POSTGRES):
        value, missing = canonical("column", batch.column(at)).to_pylist()
        assert missing is None, kind
        assert value == wanted or str(value) == str(wanted) == "nan", kind
        assert type(value) is type(wanted), kind
        assert pa.types.is_string(schema.types[at]) == (isinstance(wanted, str) and kind != "bytea"), kind


@pytest.mark.parametrize(("declared", "values", "kind", "wanted"), [
    ("BOOLEAN", [1, 0, None], pa.bool_(), [True, False, None]),
    ("BOOLEAN", [1, 2], pa.int64(), [1, 2]),
    ("BOOLEAN", [1, "no"], pa.string(), ["1", "no"]),
    ("INTEGER", [2**62 + 1, None], pa.int64(), [2**62 + 1, None]),
    ("NUMERIC", [1, 2], pa.float64(), [1.0, 2.0]),
    ("NUMERIC", [1, 2.5], pa.float64(), [1.0, 2.5]),
    ("NUMERIC", [2**53 + 1], pa.int64(), [2**53 + 1]),
    ("REAL", [1e308, math.inf, -math.inf, None], pa.float64(), [1e308, math.inf, -math.inf, None]),
    ("TEXT", ["a", None, "ü"], pa.string(), ["a", None, "ü"]),
    ("TEXT", [None, None], pa.string(), [None, None]),
    ("", [1, "1", 1.5, b"b", None], pa.string(), ["1", "1", "1.5", "b", None]),
    ("BLOB", [b"\xff\x00"], pa.string(), ["\\xff\x00"]),
])  # fmt: skip
def test_sqlite_types(
    declared: str, values: list[Any], kind: Any, wanted: list[Any], sqlite: Any, tmp_path: Path
) -> None:
    """Values bring their types, the declaration decides where they leave a choice."""
    sqlite.fill("t", f"c {declared}", [(value,) for value in values])
    column = first(open_relation(sqlite.url, table="t", folder=tmp_path), "c")
    assert column.type == kind
    assert column.to_pylist() == wanted


def test_text_that_is_no_utf8_hurts_nobody(sqlite: Any, tmp_path: Path) -> None:
    """One broken value shows its bytes and leaves all others alone."""
    sqlite.run("CREATE TABLE t (c TEXT, d INTEGER); INSERT INTO t VALUES (CAST(x'61ff' AS TEXT), 1), ('b', 2)")
    relation = open_relation(sqlite.url, table="t", folder=tmp_path)
    (batch,) = relation.read(Request(("c", "d")))
    relation.close()
    assert batch.to_pydict() == {"c": ["a\\xff", "b"], "d": [1, 2]}


def test_each_sqlite_batch_has_its_own_types(sqlite: Any, tmp_path: Path) -> None:
    """A late odd value turns its own batch into text and no other; no row is lost."""
    values: list[Any] = [*range(70_000), "odd", *range(10)]
    sqlite.fill("t", "c", [(value,) for value in values])
    relation = open_relation(sqlite.url, table="t", folder=tmp_path)
    batches = list(relation.read(Request(("c",))))
    relation.close()
    assert [batch.schema.types for batch in batches] == [[pa.int64()], [pa.string()]]
    assert sum(batch.num_rows for batch in batches) == len(values)


TIMES = [
    ("timestamptz", "to_timestamp({0})", None),
    ("timestamp", "to_timestamp({0}) AT TIME ZONE 'America/New_York'", "America/New_York"),
    ("timestamp", "to_timestamp({0}) AT TIME ZONE 'UTC'", "UTC"),
    ("integer", "{0}", None),
    ("bigint", "{0}::bigint * 1000", None),
    ("double precision", "{0}", None),
    ("numeric", "{0}::numeric * 1000000", None),
    ("text", "(to_timestamp({0}) AT TIME ZONE 'UTC')::text", "UTC"),
    ("text", "to_char(to_timestamp({0}) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')", None),
]


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize(("kind", "value", "zone"), TIMES)
def test_midnight_in_every_time_type(
    kind: str, value: str, zone: str | None, driver: str, postgres_database: str, opened: Any
) -> None:
    """A window holds its first instant and not its last, whatever type the time column has."""
    midnight = datetime(2024, 3, 9, 5, tzinfo=UTC)
    seconds = int(midnight.timestamp())
    steps = [-1, 0, 1, 86399, 86400, 2 * 86400, 3 * 86400 - 1]
    with psycopg.connect(postgres_database) as connection:
        connection.execute(f"CREATE TABLE p (id integer, at {kind})")
        for step in steps:
            connection.execute(f"INSERT INTO p VALUES ({step}, {value.format(seconds + step)})")
        connection.execute("INSERT INTO p VALUES (9, NULL)")
        if kind.startswith("timestamp"):
            connection.execute("INSERT INTO p VALUES (10, 'infinity'), (11, '-infinity')")
        if kind in ("double precision", "numeric"):
            connection.execute("INSERT INTO p VALUES (10, 'NaN'), (11, '-Infinity')")
    source = opened({
        "url": postgres_database.replace("://", f"{driver}://", 1), "timezone": zone,
        "predictions": {"table": "p", "id": "id", "time": "at"},
    })  # fmt: skip
    for day in range(3):
        start = midnight + day * DAY
        found = [i for b in source.scan(start, start + DAY) for i in b.column("id").to_pylist()]
        assert sorted(found) == [s for s in steps if day * 86400 <= s < (day + 1) * 86400]
    assert source.extent() == (midnight - DAY / 86400, midnight + 3 * DAY - DAY / 86400)
    assert source.untimed() == (3 if kind.startswith(("timestamp", "double", "numeric")) else 1)


@pytest.mark.parametrize("driver", DRIVERS)
def test_dates_are_midnights_of_their_zone(driver: str, postgres_database: str, opened: Any) -> None:
    """A date belongs to the local day that it names."""
    with psycopg.connect(postgres_database) as connection:
        connection.execute("CREATE TABLE p (id integer, at date)")
        for day in range(1, 20):
            connection.execute("INSERT INTO p VALUES (%s, %s)", (day, date(2024, 3, day)))
    source = opened({
        "url": postgres_database.replace("://", f"{driver}://", 1), "timezone": "America/New_York",
        "predictions": {"table": "p", "id": "id", "time": "at"},
    })  # fmt: skip
    for day, offset in ((5, 5), (10, 5), (11, 4), (12, 4)):
        start = datetime(2024, 3, day, offset, tzinfo=UTC)
        found = [i for b in source.scan(start, start + DAY / 24) for i in b.column("id").to_pylist()]
        assert found == [day]


@pytest.mark.parametrize(("kind", "zone", "wrong"), [
    ("timestamp", None, "without a time zone"), ("date", None, "without a time zone"),
    ("boolean", "UTC", "no time"),
])  # fmt: skip
def test_columns_that_cannot_tell_an_instant_are_refused(
    kind: str, zone: str | None, wrong: str, postgres_database: str, opened: Any
) -> None:
    """Naive times need a zone, and a boolean is no time."""
    value = "true" if kind == "boolean" else "'2024-03-05'"
    with psycopg.connect(postgres_database) as connection:
        connection.execute(f"CREATE TABLE p (id integer, at {kind})")
        connection.execute(f"INSERT INTO p VALUES (1, {value})")
    block = {"table": "p", "id": "id", "time": "at"}
    source = opened({"url": postgres_database, "timezone": zone, "predictions": block})
    with pytest.raises(SourceError, match=wrong) as caught:
        inspect(source)
    assert caught.value.state == "wrong_type"


def test_the_time_bound_uses_the_index(postgres_database: str, tmp_path: Path) -> None:
    """Values held by session settings are constants for PostgreSQL's planner."""
    from monitor.source.postgres import _bound
    from monitor.source.sql import select_rows

    with psycopg.connect(postgres_database, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE p AS SELECT i, to_timestamp(1700000000 + i) AS at FROM generate_series(1, 50000) i"
        )
        connection.execute("CREATE INDEX ON p (at)")
        connection.execute("ANALYZE p")
        relation: Any = open_relation(postgres_database, table="p", folder=tmp_path)
        start = datetime.fromtimestamp(1700001000, UTC)
        request = Request(("i",), "at", start, start + DAY / 1440)
        text, values = _bound(select_rows(relation.engine, relation.table, request))
        for name, value in values.items():
            connection.execute("SELECT set_config(%s, %s, false)", (name, value))
        plan = "\n".join(row[0] for row in connection.execute(f"EXPLAIN {text}"))
    assert "Index" in plan
    assert "Seq Scan" not in plan
