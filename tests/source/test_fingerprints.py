"""A tile's fingerprint changes with its rows and ground truth, and with nothing else, whichever log holds them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.profile.digest import Digest, digests, tile_index
from monitor.source.bounds import microseconds
from monitor.source.fingerprints import fingerprints
from monitor.source.local import first_walls, localize
from monitor.source.source import Source
from tests.source.conftest import sqlite_database

START = datetime(2024, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
BOUNDS = [START + i * HOUR for i in range(25)]
Row = tuple[str, datetime]
Truth = tuple[str, datetime, float | None]

KINDS = ("sqlite", "postgres", "generic", "duckdb", "parquet", "csv", "jsonl", "elsewhere")


@dataclass
class Log:
    """Rows of predictions and of ground truth, to be changed and written anew."""

    rows: list[Row] = field(default_factory=lambda: [(f"p{i}", START + i * HOUR / 4) for i in range(96)])
    truth: list[Truth] = field(default_factory=lambda: [(f"p{i}", START + i * HOUR, i * 0.1) for i in range(0, 96, 2)])


@pytest.fixture(params=KINDS)
def prints(request: pytest.FixtureRequest, tmp_path: Path, opened: Any) -> Callable[[Log], dict[int, str]]:
    """Give a function that writes a log in one kind and returns its fingerprints by tile."""
    url = request.getfixturevalue("postgres_database") if request.param in ("postgres", "generic", "elsewhere") else ""
    writes = {"duckdb": _duckdb, "parquet": _parquet, "csv": _csv, "jsonl": _jsonl, "sqlite": _sqlite}
    written = 0

    def take(log: Log) -> dict[int, str]:
        nonlocal written
        written += 1
        folder = tmp_path / str(written)
        folder.mkdir()
        if request.param in writes:
            addresses = writes[request.param](folder, log)
        else:
            address = _postgres(url, log)
            if request.param == "generic":
                address = address.replace("://", "+psycopg://", 1)
            addresses = address, _sqlite(folder, log)[1] if request.param == "elsewhere" else address
        tables = request.param in ("sqlite", "postgres", "generic", "duckdb", "elsewhere")
        source = opened(_block(addresses, tables=tables))
        found = fingerprints(source, BOUNDS)
        assert found == _from_scan(source, BOUNDS)
        source.close()
        return {tile: digest.text for tile, digest in found.items()}

    return take


def _block(addresses: Sequence[str], *, tables: bool) -> dict[str, Any]:
    named = {"table": "predictions"}, {"table": "outcomes"}
    rows, truth = named if tables else ({}, {})
    return {
        "url": addresses[0],
        "timezone": "UTC",
        "predictions": rows | {"id": "id", "time": "at"},
        "ground_truth": truth | {"url": addresses[1], "id": "id", "time": "seen", "target": "y"},
    }


def _from_scan(source: Source, bounds: Sequence[datetime]) -> dict[int, Digest]:
    """Add up the digests of the batches that are counted, as a run does."""
    starts = np.array([microseconds(each) for each in bounds])
    found: dict[int, Digest] = {}
    for batch in source.scan(bounds[0], bounds[-1], hashed=True):
        for tile, digest in digests(batch, tile_index(batch, starts)).items():
            found[tile] = found.get(tile, Digest()) + digest
    return found


def _sqlite(folder: Path, log: Log) -> tuple[str, str]:
    database = sqlite_database(folder / "log.db")
    database.fill("predictions", "id TEXT, at TEXT", [(i, at.isoformat()) for i, at in log.rows])
    database.fill("outcomes", "id TEXT, seen TEXT, y REAL", [(i, at.isoformat(), y) for i, at, y in log.truth])
    return database.url, database.url


def _postgres(url: str, log: Log) -> str:
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS predictions; DROP TABLE IF EXISTS outcomes")
        cursor.execute("CREATE TABLE predictions (id text, at timestamptz)")
        cursor.execute("CREATE TABLE outcomes (id text, seen timestamptz, y double precision)")
        cursor.executemany("INSERT INTO predictions VALUES (%s, %s)", log.rows)
        cursor.executemany("INSERT INTO outcomes VALUES (%s, %s, %s)", log.truth)
    return url


def _tables(log: Log) -> tuple[pa.Table, pa.Table]:
    moment = pa.timestamp("us", "UTC")
    ids, at = zip(*log.rows, strict=True)
    keys, seen, y = zip(*log.truth, strict=True)
    rows = pa.table({"id": pa.array(ids), "at": pa.array(at, moment)})
    return rows, pa.table({"id": pa.array(keys), "seen": pa.array(seen, moment), "y": pa.array(y, pa.float64())})


def _duckdb(folder: Path, log: Log) -> tuple[str, str]:
    rows, truth = _tables(log)
    with duckdb.connect(folder / "log.duckdb") as connection:
        for name, table in (("predictions", rows), ("outcomes", truth)):
            connection.register("given", table)
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
            connection.unregister("given")
    return (f"duckdb:////{str(folder).lstrip('/')}/log.duckdb",) * 2


def _parquet(folder: Path, log: Log) -> tuple[str, str]:
    for name, table in zip(("rows", "truth"), _tables(log), strict=True):
        pq.write_table(table, folder / f"{name}.parquet")
    return _urls("parquet", folder)


def _csv(folder: Path, log: Log) -> tuple[str, str]:
    (folder / "rows.csv").write_text("id,at\n" + "".join(f"{i},{at.isoformat()}\n" for i, at in log.rows))
    lines = "".join(f"{i},{at.isoformat()},{'' if y is None else y}\n" for i, at, y in log.truth)
    (folder / "truth.csv").write_text("id,seen,y\n" + lines)
    return _urls("csv", folder)


def _jsonl(folder: Path, log: Log) -> tuple[str, str]:
    rows = [json.dumps({"id": i, "at": at.isoformat()}) for i, at in log.rows]
    truth = [json.dumps({"id": i, "seen": at.isoformat(), "y": y}) for i, at, y in log.truth]
    (folder / "rows.jsonl").write_text("\n".join(rows))
    (folder / "truth.jsonl").write_text("\n".join(truth))
    return _urls("jsonl", folder)


def _urls(kind: str, folder: Path) -> tuple[str, str]:
    top = str(folder).lstrip("/")
    return f"{kind}:////{top}/rows.{kind}", f"{kind}:////{top}/truth.{kind}"


def _changed(one: dict[int, str], other: dict[int, str]) -> set[int]:
    return {tile for tile in one.keys() | other.keys() if one.get(tile) != other.get(tile)}


def test_one_change_changes_its_tile_only(prints: Callable[[Log], dict[int, str]]) -> None:
    """A row or a label that comes, goes or changes is seen in its tile and nowhere else; order is not."""
    log = Log()
    before = prints(log)
    assert sorted(before) == list(range(24))
    assert {text.partition(".")[0] for text in before.values()} == {"4"}

    def after(rows: Sequence[Row] | None = None, truth: Sequence[Truth] | None = None) -> set[int]:
        return _changed(before, prints(Log(list(rows or log.rows), list(truth or log.truth))))

    rows, truth = log.rows, log.truth
    assert after(rows[::-1], truth[::-1]) == set()
    assert after([*rows, ("late", BOUNDS[7])]) == {7}
    assert after([r for r in rows if r[0] != "p40"]) == {10}
    assert after([("other", at) if i == "p95" else (i, at) for i, at in rows]) == {23}
    assert after([(i, at + 2 * HOUR) if i == "p1" else (i, at) for i, at in rows]) == {0, 2}
    assert after([*rows, rows[5]]) == {1}
    assert after(truth=[t for t in truth if t[0] != "p20"]) == {5}
    assert after(truth=[*truth, ("p21", START, 1.0)]) == {5}
    assert after(truth=[(i, at, 7.0) if i == "p60" else (i, at, y) for i, at, y in truth]) == {15}
    assert after(truth=[(i, at, None) if i == "p60" else (i, at, y) for i, at, y in truth]) == {15}
    assert after(truth=[*truth, ("p60", START + 99 * HOUR, 8.0)]) == {15}
    assert after(truth=[*truth, ("p60", START - HOUR, 8.0)]) == set()
    assert after(truth=[*truth, ("nobody", START, 8.0)]) == set()


@pytest.mark.parametrize(
    "column",
    ["timestamptz", "timestamp", "bigint", "text", "double precision", "date"],
)
def test_every_form_of_time_falls_into_its_tile(postgres_database: str, opened: Any, column: str) -> None:
    """Whatever type holds the time, on a night when the clock is set back, sums and batches agree on every tile."""
    zone, first = "America/New_York", datetime(2024, 11, 3, 0, 0, tzinfo=UTC)
    clock = [datetime(2024, 11, 2, 20) + i * timedelta(minutes=10) for i in range(120)]  # noqa: DTZ001
    forms = {
        "timestamptz": [f"{each} America/New_York" for each in clock],
        "bigint": [1_730_592_000 + i * 600 for i in range(60)] + [(1_730_592_000 + i * 600) * 1000 for i in range(60)],
        "double precision": [1_730_592_000.5 + i * 600 for i in range(120)],
        "date": [datetime(2024, 10, 30 + i % 2) for i in range(9)] + [datetime(2024, 11, 1 + i % 5) for i in range(9)],  # noqa: DTZ001
    }
    with psycopg.connect(postgres_database) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE predictions (id serial, at {column}, y boolean)")
        values = [(each, i % 3 == 0) for i, each in enumerate(forms.get(column, [str(each) for each in clock]))]
        cursor.executemany("INSERT INTO predictions (at, y) VALUES (%s, %s)", values)
    block = {"table": "predictions", "id": "id", "time": "at", "target": "y"}
    source = opened({"url": postgres_database, "timezone": zone, "predictions": block})
    bounds = [first + i * HOUR for i in range(25)]
    found = fingerprints(source, bounds)
    assert found == _from_scan(source, bounds)
    assert sum(digest.rows for digest in found.values()) == sum(b.num_rows for b in source.scan(bounds[0], bounds[-1]))
    assert found


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["UTC", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Pacific/Apia"]),
    st.datetimes(datetime(2011, 1, 1), datetime(2025, 1, 1)),  # noqa: DTZ001
)  # fmt: skip
def test_the_first_local_time_of_an_instant(zone: str, naive: datetime) -> None:
    """What comes before it means an earlier instant, and it means the instant or a later one, switch or none."""
    moment = naive.replace(tzinfo=UTC)
    (wall,) = first_walls([moment], zone, "t")
    both = pa.array([wall - timedelta(microseconds=1), wall], pa.timestamp("us"))
    before, at = localize(both, zone, "t").to_pylist()
    assert before < moment <= at


def test_labels_that_are_no_number_are_none(postgres_database: str, opened: Any) -> None:
    """NaN counts as missing, and -0 as 0, as in every batch."""
    with psycopg.connect(postgres_database) as connection:
        connection.execute("CREATE TABLE p (id int, at timestamptz, y double precision, z numeric)")
        connection.execute(
            "INSERT INTO p VALUES (1, '2024-03-01 00:30Z', 'NaN', 1.50), (2, '2024-03-01 01:30Z', -0.0, 2)"
        )

    def found(target: str) -> dict[int, str]:
        block = {"table": "p", "id": "id", "time": "at", "target": target}
        source = opened({"url": postgres_database, "predictions": block})
        assert fingerprints(source, BOUNDS) == _from_scan(source, BOUNDS)
        return {tile: digest.text for tile, digest in fingerprints(source, BOUNDS).items()}

    before = found("y")
    assert before[0].endswith(":0.0")
    assert found("z").keys() == {0, 1}
    with psycopg.connect(postgres_database) as connection:
        connection.execute("UPDATE p SET y = 0 WHERE id = 2")
        connection.execute("ALTER TABLE p ALTER z TYPE numeric(8, 4)")
    assert found("y") == before


def test_a_ranking_is_told_by_request_and_item(postgres_database: str, opened: Any) -> None:
    """Without an id, the pair of query and item identifies a row."""
    with psycopg.connect(postgres_database) as connection:
        connection.execute(
            "CREATE TABLE p (q text, i text, r int, at timestamptz); CREATE TABLE g (q text, i text, y int)"
        )
        connection.execute(
            "INSERT INTO p SELECT 'q' || n / 3, 'i' || n % 3, n % 3, '2024-03-01Z' FROM generate_series(0, 8) n"
        )
        connection.execute("INSERT INTO g VALUES ('q0', 'i1', 1)")
    block = {
        "url": postgres_database,
        "predictions": {"table": "p", "query": "q", "item": "i", "rank": "r", "time": "at"},
        "ground_truth": {"table": "g", "query": "q", "item": "i", "target": "y"},
    }
    source = opened(block, task="ranking")
    before = fingerprints(source, BOUNDS)
    assert before == _from_scan(source, BOUNDS)
    assert (before[0].rows, before[0].labelled) == (9, 1)
    with psycopg.connect(postgres_database) as connection:
        connection.execute("UPDATE p SET q = i, i = q WHERE q = 'q0' AND i = 'i1'")
    assert fingerprints(source, BOUNDS)[0].ids != before[0].ids
