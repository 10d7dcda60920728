"""Which files a URL names, and what is said of files that cannot be read."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from monitor.errors import SourceError
from monitor.source import Request, open_relation
from monitor.source.files import reading


def table(path: Path, **columns: Any) -> None:
    """Write a small Parquet file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


def read(url: str, folder: Path, *names: str, **where: object) -> dict[str, list[Any]]:
    """Read columns of all files of a URL."""
    relation = open_relation(url, folder=folder)
    schema = pa.schema([relation.schema().field(name) for name in names])
    return pa.Table.from_batches(relation.read(Request(names, where=where)), schema).to_pydict()


def test_three_slashes_are_relative_and_four_absolute(tmp_path: Path) -> None:
    """A URL's path begins at the yaml's folder, or at the top of the disk."""
    table(tmp_path / "a" / "x.parquet", n=[1])
    assert read("parquet:///a/x.parquet", tmp_path, "n") == {"n": [1]}
    assert read(f"parquet:///{tmp_path}/a/*.parquet", Path("/nowhere"), "n") == {"n": [1]}


def test_patterns_find_files_at_any_depth_and_literal_names_come_first(tmp_path: Path) -> None:
    """``**`` goes down, hidden files stay hidden, and a name that holds brackets is found."""
    for at, name in enumerate(["x[1].parquet", "a/y.parquet", "a/b/z.parquet", "a/.hidden.parquet"]):
        table(tmp_path / "log[s]" / name, n=[at])
    folder = tmp_path / "log[s]"
    assert read("parquet:///**/*.parquet", folder, "n") == {"n": [2, 1, 0]}
    assert read("parquet:///x[1].parquet", folder, "n") == {"n": [0]}
    assert read("parquet:///a/?.parquet", folder, "n") == {"n": [1]}


@pytest.mark.parametrize(
    ("url", "state", "says"),
    [
        ("parquet:///no*.parquet", "missing_table", "no file matches"),
        ("parquet:///", "unreadable", "names no file"),
        ("parquet://a/x.parquet", "unreadable", "two slashes"),
        ("parquet:///folder", "unreadable", "ends in none of .parquet"),
        ("parquet:///f.parquet", "unreadable", "f.parquet is a folder"),
        ("csv:///x.xlsx", "unreadable", "x.xlsx is not read as csv"),
        ("avro:///x.avro", "unreadable", "'avro' is not known"),
    ],
)
def test_what_cannot_be_opened_is_named(url: str, state: str, says: str, tmp_path: Path) -> None:
    """The message names the file or pattern, and a hint tells the cure."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "f.parquet").mkdir()
    (tmp_path / "x.xlsx").touch()
    with pytest.raises(SourceError) as caught:
        open_relation(url, folder=tmp_path)
    assert says in caught.value.message
    assert caught.value.state == state
    assert caught.value.hint


def test_files_take_no_table(tmp_path: Path) -> None:
    """A table under a file source is a mistake that is named."""
    table(tmp_path / "x.parquet", n=[1])
    with pytest.raises(SourceError, match="have no table"):
        open_relation("parquet:///x.parquet", table="t", folder=tmp_path)


@pytest.mark.parametrize("name", ["x.parquet", "x.csv.gz", "x.jsonl", "x.jsonl.gz", "x.duckdb"])
@pytest.mark.parametrize("content", [b"", b"PAR1 this is {no file \xff of any kind"], ids=["empty", "corrupt"])
def test_damaged_files_are_named(name: str, content: bytes, tmp_path: Path) -> None:
    """An empty or damaged file gives an error with its name, and no traceback of a library."""
    if name == "x.jsonl" and not content:
        content = b"{"
    (tmp_path / name).write_bytes(content)
    kind = name.split(".")[1]
    chosen = "t" if kind == "duckdb" else None
    with pytest.raises(SourceError, match=name) as caught:
        _ = open_relation(f"{kind}:///{name}", table=chosen, folder=tmp_path).schema()
    assert caught.value.hint


def test_damage_in_the_middle_is_named(tmp_path: Path) -> None:
    """A file that ends too early fails when its end is reached, with its name."""
    whole = gzip.compress(b"a,b\n" + b"1,2\n" * 100_000)
    (tmp_path / "x.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceError, match=r"x\.csv\.gz"):
        open_relation("csv:///*.csv.gz", folder=tmp_path).schema()
    pq.write_table(pa.table({"n": list(range(100_000))}), tmp_path / "x.parquet")
    content = bytearray((tmp_path / "x.parquet").read_bytes())
    content[1000:9000] = bytes(8000)
    (tmp_path / "x.parquet").write_bytes(content)
    with pytest.raises(SourceError, match=r"x\.parquet"):
        read("parquet:///x.parquet", tmp_path, "n")


def test_denied_and_vanished_files_are_told_apart() -> None:
    """Permission and absence are states of their own."""
    with pytest.raises(SourceError) as denied, reading("/logs/x.csv"):
        raise PermissionError(13, "Permission denied")
    with pytest.raises(SourceError) as gone, reading("/logs/x.csv"):
        raise FileNotFoundError(2, "No such file")
    assert (denied.value.state, gone.value.state) == ("permission_denied", "missing_table")
    assert "/logs/x.csv" in denied.value.message


def test_schemas_that_differ_are_united(tmp_path: Path) -> None:
    """Integers and floats become floats, other mixtures text, and a missing column is missing values."""
    table(tmp_path / "1.parquet", n=[1, 2], x=["a", "b"], k=[True, False])
    table(tmp_path / "2.parquet", n=[0.5], more=[7], x=[3.0], k=[5])
    found = read("parquet:///*.parquet", tmp_path, "n", "x", "more", "k")
    assert found == {
        "n": [1.0, 2.0, 0.5], "x": ["a", "b", "3"], "more": [None, None, 7], "k": ["true", "false", "5"],
    }  # fmt: skip


def test_a_missing_column_is_named_with_its_neighbour(tmp_path: Path) -> None:
    """A misspelt column gives the name that was meant."""
    table(tmp_path / "x.parquet", score=[1])
    relation = open_relation("parquet:///x.parquet", folder=tmp_path)
    with pytest.raises(SourceError, match="did you mean `score`") as caught:
        list(relation.read(Request(("scor",))))
    assert caught.value.state == "missing_column"


def test_where_of_a_wrong_type_is_named(tmp_path: Path) -> None:
    """Text that is no number cannot equal a column of numbers."""
    table(tmp_path / "x.parquet", n=[1])
    with pytest.raises(SourceError, match="'n', which holds int64, with 'abc'"):
        read("parquet:///x.parquet", tmp_path, "n", n="abc")
