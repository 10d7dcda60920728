"""Parquet: what is not read, folders as columns, odd types, memory."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from pyarrow.fs import LocalFileSystem

from monitor.source import Request, open_relation
from monitor.source.parquet import possible

START = datetime(2024, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def times(kind: pa.DataType) -> pa.Array:
    """Return the hours of ten days as one type of time column."""
    hours = pa.array([START + HOUR * i for i in range(240)], pa.timestamp("us", "UTC"))
    if pa.types.is_timestamp(kind) and kind.tz is None:
        return hours.cast(pa.timestamp("us")).cast(kind)
    if pa.types.is_date(kind):
        return hours.cast(pa.timestamp("us")).cast(kind, safe=False)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return pa.array([int((START + HOUR * i).timestamp()) for i in range(240)]).cast(kind)
    return hours.cast(kind)


@pytest.mark.parametrize(
    ("kind", "groups"),
    [
        (pa.timestamp("us", "UTC"), 1),
        (pa.timestamp("ms", "America/New_York"), 1),
        (pa.timestamp("ns"), 1),
        (pa.timestamp("s"), 1),
        (pa.date32(), 2),
        (pa.int64(), 1),
        (pa.float64(), 1),
    ],
    ids=str,
)
def test_row_groups_outside_the_window_are_not_read(kind: pa.DataType, groups: int, tmp_path: Path) -> None:
    """Statistics rule out all days but the asked one, for every type of time, and no row is lost."""
    pq.write_table(pa.table({"t": times(kind), "n": range(240)}), tmp_path / "x.parquet", row_group_size=24)
    request = Request(("n",), "t", START + 24 * HOUR, START + 48 * HOUR, timezone="UTC")
    fragment = ds.ParquetFileFormat().make_fragment(str(tmp_path / "x.parquet"), LocalFileSystem())
    assert len(possible(fragment, request)) <= groups + 1
    relation = open_relation("parquet:///x.parquet", folder=tmp_path)
    found = pa.Table.from_batches(relation.read(request)).column("n").to_pylist()
    assert set(range(24, 48)) <= set(found)
    assert len(found) <= 24 * (groups + 1)
    first, last = relation.extent(Request((), "t"))  # type: ignore[misc]
    assert pa.array([first, last]).cast(kind, safe=False) == times(kind).take(pa.array([0, 239]))


def test_text_times_are_all_read_and_have_an_extent(tmp_path: Path) -> None:
    """No bound is sure for text, so no row is left out."""
    texts = [(START + HOUR * i).isoformat() for i in range(240)]
    pq.write_table(pa.table({"t": texts}), tmp_path / "x.parquet")
    relation = open_relation("parquet:///x.parquet", folder=tmp_path)
    found = pa.Table.from_batches(relation.read(Request(("t",), "t", START, START + HOUR)))
    assert found.num_rows == 240
    assert relation.extent(Request((), "t")) == (texts[0], texts[-1])


def test_extent_reads_what_statistics_do_not_tell(tmp_path: Path) -> None:
    """Files without statistics, gaps and ``where`` are read through; no rows give None."""
    day = pa.array([START + HOUR * i if i % 2 else None for i in range(10)], pa.timestamp("us", "UTC"))
    pq.write_table(pa.table({"t": day, "m": ["a", "b"] * 5}), tmp_path / "1.parquet", write_statistics=False)
    pq.write_table(pa.table({"t": pa.nulls(3, day.type), "m": ["a"] * 3}), tmp_path / "2.parquet")
    relation = open_relation("parquet:///*.parquet", folder=tmp_path)
    assert relation.extent(Request((), "t")) == (START + HOUR, START + 9 * HOUR)
    assert relation.extent(Request((), "t", where={"m": "b"})) == (START + HOUR, START + 9 * HOUR)
    assert relation.extent(Request((), "t", where={"m": "a"})) is None


def test_folders_are_columns(tmp_path: Path) -> None:
    """``key=value`` folders add columns, choose files, and missing values are missing."""
    for at, name in enumerate(["year=2023/city=S%C3%A3o", "year=2024/city=__HIVE_DEFAULT_PARTITION__"]):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"n": [at]}), folder / "x.parquet")
    relation = open_relation("parquet:///**/*.parquet", folder=tmp_path)
    found = pa.Table.from_batches(relation.read(Request(("city", "year", "n"))))
    assert found.to_pylist() == [
        {"city": "São", "year": 2023, "n": 0}, {"city": None, "year": 2024, "n": 1},
    ]  # fmt: skip
    chosen = pa.Table.from_batches(relation.read(Request(("n",), where={"year": "2024"})))
    assert chosen.to_pydict() == {"n": [1]}
    only = pa.Table.from_batches(relation.read(Request(("year",), where={"city": "São"})))
    assert only.to_pydict() == {"year": [2023]}


def test_odd_types_become_plain(tmp_path: Path) -> None:
    """Decimals and durations are floats, nested values JSON, bytes text, dictionaries stay."""
    columns: dict[str, Any] = {
        "decimal": pa.array([Decimal("1.50")]),
        "list": [[1, 2]],
        "struct": [{"a": None}],
        "bytes": pa.array([b"\xff"], pa.binary()),
        "labels": pa.array(["x"]).dictionary_encode(),
        "numbers": pa.array([5]).dictionary_encode(),
        "wait": pa.array([timedelta(seconds=90)]),
        "day": [date(2024, 2, 29)],
        "big": [2**63 - 1],
        "a.b": [1],
    }
    pq.write_table(pa.table(columns), tmp_path / "x.parquet")
    relation = open_relation("parquet:///x.parquet", folder=tmp_path)
    found = pa.Table.from_batches(relation.read(Request(tuple(columns))))
    assert found.schema == relation.schema()
    assert pa.types.is_dictionary(found.schema.field("labels").type)
    assert found.to_pylist() == [{
        "decimal": 1.5, "list": "[1, 2]", "struct": '{"a": null}', "bytes": "\\xff", "labels": "x", "numbers": 5,
        "wait": 90.0, "day": date(2024, 2, 29), "big": 2**63 - 1, "a.b": 1,
    }]  # fmt: skip


def test_rows_without_the_wanted_column_still_count(tmp_path: Path) -> None:
    """A file that lacks the column gives its rows with missing values."""
    pq.write_table(pa.table({"a": [1, 2]}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"b": [3]}), tmp_path / "2.parquet")
    relation = open_relation("parquet:///*.parquet", folder=tmp_path)
    assert pa.Table.from_batches(relation.read(Request(("b",)))).to_pydict() == {"b": [None, None, 3]}
