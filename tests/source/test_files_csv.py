"""CSV as people write it: signs, gaps, types that change half-way, hostile names."""

from __future__ import annotations

import gzip
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from monitor.config.source import CsvConfig
from monitor.errors import SourceError
from monitor.source import Request, open_relation
from monitor.source import csv as csv_files


def read(folder: Path, name: str, content: str | bytes, csv: CsvConfig | None = None) -> pa.Table:
    """Write one file and read all its columns."""
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    relation = open_relation(f"csv:///{name}", csv=csv, folder=folder)
    schema = relation.schema()
    return pa.Table.from_batches(relation.read(Request(tuple(schema.names))), schema)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in blocks of 1 kB, so that small files have many."""
    monkeypatch.setattr(csv_files, "_BLOCK_BYTES", 1024)


def test_decimal_commas_and_semicolons(tmp_path: Path) -> None:
    """Numbers with a decimal comma are numbers."""
    csv = CsvConfig(delimiter=";", decimal=",")
    found = read(tmp_path, "x.csv", "a;b\n1,5;x,y\n-2;\n", csv)
    assert found.to_pydict() == {"a": [1.5, -2.0], "b": ["x,y", None]}


@pytest.mark.parametrize("name", ["x.tsv", "X.TSV.GZ"])
def test_tsv_is_separated_by_tabs(name: str, tmp_path: Path) -> None:
    """A ``.tsv`` file needs no ``csv:`` block."""
    content = b"a\tb,c\n1\tx\n"
    found = read(tmp_path, name, gzip.compress(content) if "GZ" in name else content)
    assert found.to_pydict() == {"a": [1], "b,c": ["x"]}


def test_gzip_may_be_written_in_parts(tmp_path: Path) -> None:
    """Parts appended to a packed file are all read."""
    found = read(tmp_path, "x.csv.gz", gzip.compress(b"a\n1\n") + gzip.compress(b"2\n"))
    assert found.to_pydict() == {"a": [1, 2]}


LATE: list[tuple[str, list[str], str, Any, pa.DataType]] = [
    ("text after integers", ["7"], "n/a!", "n/a!", pa.string()),
    ("float after integers", ["7"], "0.5", 0.5, pa.float64()),
    ("text after floats", ["0.5"], "x", "x", pa.string()),
    ("large id after integers", ["7"], str(2**64 - 1), 2**64 - 1, pa.uint64()),
    ("huge id after integers", ["7"], "9" * 25, "9" * 25, pa.string()),
    ("integer after gaps", [""], "7", 7, pa.int64()),
    ("date after gaps", [""], "2024-02-29", date(2024, 2, 29), pa.date32()),
    ("time after dates", ["2024-02-28"], "2024-02-29 01:00:00",
     datetime.fromisoformat("2024-02-29 01:00"), pa.timestamp("s")),
    ("fraction after seconds", ["2024-02-28T00:00:00"], "2024-02-29T01:00:00.5",
     datetime.fromisoformat("2024-02-29 01:00:00.5"), pa.timestamp("ns")),
    ("text after truths", ["true"], "maybe", "maybe", pa.string()),
    ("bad bytes after text", ["x"], "\udcff", "\\xff", pa.string()),
    ("gap after integers", ["7"], "NULL", None, pa.int64()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("early", "late", "value", "kind"), [each[1:] for each in LATE], ids=[each[0] for each in LATE]
)
@pytest.mark.usefixtures("small_blocks")
def test_a_late_value_gives_the_whole_column_its_type(
    early: list[str], late: str, value: Any, kind: pa.DataType, tmp_path: Path
) -> None:
    """Row 1001 decides as much as row 1, and the other columns keep their types."""
    rows = [f"{i},{early[0]},z" for i in range(1000)] + [f"1000,{late},z"]
    found = read(tmp_path, "x.csv", "\n".join(["a,b,c", *rows]).encode("utf-8", "surrogateescape"))
    assert found.schema.types == [pa.int64(), kind, pa.string()]
    last = found.column("b").cast(pa.timestamp("us")) if pa.types.is_timestamp(kind) else found.column("b")
    assert last[1000].as_py() == value
    assert found.column("a").to_pylist() == list(range(1001))


def test_large_whole_numbers_keep_their_digits(tmp_path: Path) -> None:
    """Ids beyond int64 are not rounded to floats from the first row on."""
    found = read(tmp_path, "x.csv", "id\n18446744073709551615\n18446744073709551614\n")
    assert found.column("id").to_pylist() == [2**64 - 1, 2**64 - 2]


def test_types_hold_for_all_files(tmp_path: Path) -> None:
    """What is text in one file is text in all, with the digits as they were written."""
    (tmp_path / "1.csv").write_text("a,b\n010,1.50\n")
    (tmp_path / "2.csv").write_text("b,c\nx,2\n")
    relation = open_relation("csv:///*.csv", folder=tmp_path)
    found = pa.Table.from_batches(relation.read(Request(("a", "b", "c"))), relation.schema())
    assert found.to_pydict() == {"a": [10, None], "b": ["1.50", "x"], "c": [None, 2]}


def test_only_a_header_is_an_empty_table(tmp_path: Path) -> None:
    """No rows are no error."""
    assert read(tmp_path, "x.csv", "a,b\n").num_rows == 0


def test_quoted_newlines_and_hostile_names(tmp_path: Path) -> None:
    """Cells may hold newlines, headers anything."""
    found = read(tmp_path, "x.csv", '"a"";DROP","<b>\n"\n"x\ny",1\n')
    assert found.to_pydict() == {'a";DROP': ["x\ny"], "<b>\n": [1]}


@pytest.mark.parametrize(
    ("content", "says"),
    [("a,b\n1,2\n3,4,5\n", "Expected 2 columns, got 3"), ("a,a\n1,2\n", "more than one column 'a'")],
)
def test_a_broken_table_is_named(content: str, says: str, tmp_path: Path) -> None:
    """The file and what is wrong in it are told."""
    with pytest.raises(SourceError, match=says) as caught:
        read(tmp_path, "x.csv", content)
    assert "x.csv" in caught.value.message
