"""Files are read in bounded memory, however many rows they hold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

_MADE = """
SELECT i AS id, i / 3.0::DOUBLE AS x, hash(i) / 1e19 AS y, 'text ' || i AS s FROM range({rows}) r(i)
"""
_COPY = {"csv": "CSV", "jsonl": "JSON"}
_SCAN = """
import re, sys
from pathlib import Path
from monitor.source import Request, open_relation
relation = open_relation(sys.argv[1], table=sys.argv[2] or None, folder=Path("/"))
rows = sum(batch.num_rows for batch in relation.read(Request(tuple(relation.schema().names))))
print(rows, re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


def peak(url: str, table: str = "") -> tuple[int, int]:
    """Scan a source in a process of its own; return its rows and its peak memory in MB."""
    done = subprocess.run([sys.executable, "-c", _SCAN, url, table], capture_output=True, text=True, check=True)
    rows, kilobytes = map(int, done.stdout.split())
    return rows, kilobytes // 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
@pytest.mark.parametrize(
    ("kind", "few", "many"),
    [
        ("parquet", 1_000_000, 5_000_000),
        ("duckdb", 500_000, 2_500_000),
        ("csv", 100_000, 500_000),
        ("jsonl", 100_000, 500_000),
    ],
)
def test_memory_does_not_grow_with_rows(kind: str, few: int, many: int, tmp_path: Path) -> None:
    """Five times the rows need about the same memory, even if all are in one row group."""
    peaks = []
    for rows in (few, many):
        path = tmp_path / f"{rows}.{kind}"
        if kind == "duckdb":
            with duckdb.connect(str(path)) as file:
                file.execute(f"CREATE TABLE rows AS {_MADE.format(rows=rows)}")
        elif kind == "parquet":
            made = duckdb.sql(_MADE.format(rows=rows)).to_arrow_table()
            pq.write_table(made, path, row_group_size=rows)
        else:
            duckdb.sql(f"COPY ({_MADE.format(rows=rows)}) TO '{path}' (FORMAT {_COPY[kind]})")
        found, megabytes = peak(f"{kind}:///{path}", "rows" if kind == "duckdb" else "")
        assert found == rows
        peaks.append(megabytes)
    assert peaks[1] < peaks[0] + 100
    assert peaks[1] < 450
