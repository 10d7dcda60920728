"""Files are read in bounded memory, however many rows they hold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

_ROWS = "SELECT i AS id, i / 3.0::DOUBLE AS x, hash(i) / 1e19 AS y, 'text ' || i AS s FROM range({rows}) r(i)"
_SCAN = """
import re, sys
from pathlib import Path
from monitor.source import Request, open_relation
for url in sys.argv[2:]:
    relation = open_relation(url, table=sys.argv[1] or None, folder=Path("/"))
    rows = sum(batch.num_rows for batch in relation.read(Request(tuple(relation.schema().names))))
    print(rows, re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


def made(kind: str, rows: int, folder: Path) -> str:
    """Make a file of so many rows, in a single row group if it has such; return its URL."""
    path, query = folder / f"{rows}.{kind}", _ROWS.format(rows=rows)
    if kind == "duckdb":
        with duckdb.connect(str(path)) as file:
            file.execute(f"CREATE TABLE rows AS {query}")
    elif kind == "parquet":
        pq.write_table(duckdb.sql(query).to_arrow_table(), path, row_group_size=rows)
    else:
        duckdb.sql(f"COPY ({query}) TO '{path}' (FORMAT {'CSV' if kind == 'csv' else 'JSON'})")
    return f"{kind}:///{path}"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
@pytest.mark.parametrize(
    ("kind", "few", "many"),
    [
        ("parquet", 1_000_000, 5_000_000),
        ("duckdb", 400_000, 2_000_000),
        ("csv", 150_000, 600_000),
        ("jsonl", 150_000, 600_000),
    ],
)
def test_memory_does_not_grow_with_rows(kind: str, few: int, many: int, tmp_path: Path) -> None:
    """A process that reads four or five times the rows needs about the memory that it needed before."""
    urls = [made(kind, rows, tmp_path) for rows in (few, many)]
    table = "rows" if kind == "duckdb" else ""
    command = [sys.executable, "-c", _SCAN, table, *urls]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (first, before), (second, after) = (map(int, line.split()) for line in done.stdout.splitlines())
    assert (first, second) == (few, many)
    assert (after - before) / 1024 < 80
    assert after / 1024 < 450
