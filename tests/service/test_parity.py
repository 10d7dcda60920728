"""The same rows give the same measurements, intervals included, wherever they are kept."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import duckdb
import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from monitor.service.run import Span
from tests.service.conftest import DAY, START, World, empty_world, rows_of, same, truth_of

NAMES = ["id", "at", "version", "decided", "score", "amount", "place"]
LAST = Span(START + 2 * DAY)
KINDS = ["parquet", "csv", "jsonl", "duckdb", "postgres"]


def log() -> tuple[pa.Table, pa.Table]:
    """Make awkward rows: doubles with equal times, gaps, unicode, infinite ends, late and changed ground truth."""
    rows = [list(row) for row in rows_of(4)]
    for i, row in enumerate(rows):
        row[2] = f"v{i % 2}" if i % 5 else None
        row[5] = None if i % 11 == 0 else row[5]
        row[6] = ["A", "é×", " ü", None, "b'\";"][i % 5]
    rows += [[row[0], row[1], "v9", 1 - row[3], 0.25, -1.5, "A"] for row in rows[::17]]
    truth = [list(t) for t in truth_of(rows_of(4)) if hash(t[1].minute + t[1].hour) % 7]
    truth += [[t[0], t[1] + DAY, 1 - t[2]] for t in truth[::13]]
    columns = list(zip(*rows, strict=True))
    kinds = [pa.string(), pa.timestamp("us", "UTC"), pa.string(), pa.int64(), pa.float64(), pa.float64(), pa.string()]
    arrays = [pa.array(c, k) for c, k in zip(columns, kinds, strict=True)]
    outcome = [pa.array(c, k) for c, k in zip(zip(*truth, strict=True), [*kinds[:2], pa.int64()], strict=True)]
    return pa.table(arrays, NAMES), pa.table(outcome, ["id", "seen", "happened"])


def put(world: World, kind: str, name: str, table: pa.Table, database: str | None) -> str:
    """Keep a table in one kind of store and return its URL."""
    path = world.folder / f"{name}.{kind}"
    rows = table.to_pylist()
    if kind == "parquet":
        pq.write_table(table, path)
    elif kind == "csv":
        frame = pd.DataFrame(rows, dtype=object)
        with gzip.open(f"{path}.gz", "wt", encoding="utf-8", newline="") as file:
            file.write(",".join(frame.columns) + "\n")
            for row in rows:
                file.write(",".join(cell(value) for value in row.values()) + "\n")
        return f"csv:///{path.name}.gz"
    elif kind == "jsonl":
        path.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows), encoding="utf-8")
    elif kind == "duckdb":
        with duckdb.connect(str(world.folder / "all.duckdb")) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.register("given", table)
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
        return "duckdb:///all.duckdb"
    else:
        assert database is not None
        with psycopg.connect(database) as connection:
            times = "at" if name == "predictions" else "seen"
            of = {
                times: "timestamptz",
                "decided": "bigint",
                "happened": "bigint",
                "score": "float8",
                "amount": "float8",
            }
            columns = ", ".join(f"{c} {of.get(c, 'text')}" for c in rows[0])
            connection.execute(f"CREATE TABLE {name} ({columns})")
            marks = ", ".join(["%s"] * len(rows[0]))
            connection.cursor().executemany(f"INSERT INTO {name} VALUES ({marks})", [tuple(r.values()) for r in rows])
        return database
    return f"{kind}:///{path.name}"


def cell(value: Any) -> str:
    """Write a cell: null is nothing, text is quoted."""
    if value is None:
        return ""
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return value.isoformat() if isinstance(value, datetime) else repr(value)


def measured(world: World) -> dict[tuple[object, ...], Any]:
    """Return every number that was measured, by what it is of."""
    found = {}
    for m in world.found():
        key = (m.window_start, m.version, m.metric, m.column, json.dumps(m.group), m.reason, m.provisional)
        found |= {(*key, name): getattr(m, name) for name in ("value", "low", "high", "n")}
    return found


def describe(world: World) -> None:
    """Measure two days, by group, segment and version."""
    world.model |= {"groups": ["place"], "segments": ["place"], "fairness": {"min_group_size": 5}}
    world.model["source"]["predictions"]["version"] = "version"


@pytest.fixture(scope="module")
def sqlite_numbers(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[object, ...], Any]:
    """Give what SQLite's rows give."""
    world = empty_world(tmp_path_factory.mktemp("sqlite"))
    describe(world)
    predictions, truth = log()
    world.execute("CREATE TABLE doubled AS SELECT * FROM predictions")
    text = [
        {k: v.astimezone(UTC).isoformat() if isinstance(v, datetime) else v for k, v in r.items()}
        for r in predictions.to_pylist()
    ]
    world.execute("INSERT INTO doubled VALUES (?,?,?,?,?,?,?)", [tuple(r.values()) for r in reversed(text)])
    world.label([tuple(r.values()) for r in truth.to_pylist()])
    world.model["source"]["predictions"]["table"] = "doubled"
    world.done(START + 4 * DAY, span=LAST)
    return measured(world)


@pytest.mark.parametrize("kind", KINDS)
def test_measurements_do_not_depend_on_where_the_rows_are(
    world: World, sqlite_numbers: dict[tuple[object, ...], Any], kind: str, request: pytest.FixtureRequest
) -> None:
    """Each kind of source gives SQLite's numbers."""
    database = request.getfixturevalue("postgres_database") if kind == "postgres" else None
    predictions, truth = log()
    describe(world)
    source = world.model["source"]
    source["url"] = put(world, kind, "predictions", predictions, database)
    source["predictions"]["table"] = "predictions"
    source["ground_truth"]["url"] = put(world, kind, "outcomes", truth, database)
    if kind in ("parquet", "csv", "jsonl"):
        del source["predictions"]["table"], source["ground_truth"]["table"]
    world.done(START + 4 * DAY, span=LAST)
    assert len(sqlite_numbers) > 2000
    assert same(measured(world), sqlite_numbers)
