"""JSON lines: types that change, nested values, keys that come late."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from monitor.errors import SourceError
from monitor.source import Request, open_relation


def read(folder: Path, *rows: Any, name: str = "x.jsonl") -> pa.Table:
    """Write one file and read all its keys."""
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    (folder / name).write_text("\n".join(lines))
    relation = open_relation(f"jsonl:///{name}", folder=folder)
    schema = relation.schema()
    return pa.Table.from_batches(relation.read(Request(tuple(schema.names))), schema)


def test_a_late_value_gives_the_whole_column_its_type(tmp_path: Path) -> None:
    """Text in the last row makes the column text, a fraction makes it floats, a late key is a column."""
    rows = [{"a": 1, "b": 1, "c": True}] * 30_000
    found = read(tmp_path, *rows, {"a": "x", "b": 0.5, "c": 7, "late": 2**64 - 1})
    assert found.schema.types == [pa.string(), pa.float64(), pa.string(), pa.string()]
    assert found.slice(29_999).to_pydict() == {
        "a": ["1", "x"], "b": [1.0, 0.5], "c": ["true", "7"], "late": [None, str(2**64 - 1)],
    }  # fmt: skip


def test_nested_values_are_json_and_times_are_text(tmp_path: Path) -> None:
    """Objects and lists keep their JSON, and an offset of a time is not lost."""
    row = {"o": {"k": [1, None]}, "l": [1, "x"], "t": "2024-03-01T00:00:00+02:00", "u": "2024-03-01"}
    found = read(tmp_path, row).to_pylist()[0]
    assert json.loads(found["o"]) == row["o"]
    assert json.loads(found["l"]) == row["l"]
    assert (found["t"], found["u"]) == (row["t"], row["u"])


def test_hostile_names_and_numbers(tmp_path: Path) -> None:
    """Keys may hold anything, and NaN and infinity are read."""
    found = read(tmp_path, {'a"; DROP': 1, "ü[0]*": "x"}, '{"n": NaN}', "", '{"n": -Infinity}')
    assert found.column('a"; DROP').to_pylist() == [1, None, None]
    assert found.column("ü[0]*").to_pylist() == ["x", None, None]
    assert str(found.column("n").to_pylist()) == "[None, nan, -inf]"


def test_keys_that_differ_by_case_are_two_columns(tmp_path: Path) -> None:
    """DuckDB folds case; here nothing of either key is lost."""
    found = read(tmp_path, {"age": 1, "Age": 2, "a/~'b": 3}, {"Age": 5})
    assert found.select(["age", "Age", "a/~'b"]).to_pydict() == {
        "age": ["1", None], "Age": ["2", "5"], "a/~'b": [3, None],
    }  # fmt: skip


def test_names_of_files_are_no_patterns(tmp_path: Path) -> None:
    """A file whose name holds brackets is that file alone."""
    read(tmp_path, {"a": 1}, name="x1.jsonl")
    assert read(tmp_path, {"a": 2}, name="x[1].jsonl").to_pydict() == {"a": [2]}


def test_an_empty_file_beside_others_has_no_rows(tmp_path: Path) -> None:
    """A day without traffic is no fault."""
    (tmp_path / "1.jsonl").touch()
    (tmp_path / "2.jsonl").write_text('{"a": 1}\n')
    relation = open_relation("jsonl:///*.jsonl", folder=tmp_path)
    assert pa.Table.from_batches(relation.read(Request(("a",)))).to_pydict() == {"a": [1]}


@pytest.mark.parametrize("line", ["[1, 2]", "5", '{"a": 1', '{"a": 1, "a": 2}', '{"a": "\\ud800"}'])
def test_a_broken_line_is_named(line: str, tmp_path: Path) -> None:
    """A line that is no object gives the file's name."""
    with pytest.raises(SourceError, match=r"x\.jsonl"):
        read(tmp_path, {"a": 1}, line)
