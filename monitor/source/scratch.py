"""A DuckDB that keeps to its share of memory: what does not fit goes to a folder of its own."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import blake2b
from pathlib import Path

import duckdb

MEMORY = "512MB"


def settings(folder: str) -> dict[str, str | bool | int | float | list[str]]:
    """Return DuckDB's limits: memory, where to spill, nothing fetched from the network."""
    return {
        "memory_limit": MEMORY,
        "temp_directory": folder,
        "autoinstall_known_extensions": False,
    }


@contextmanager
def scratch() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an empty database in memory and drop it, with all it spilled, afterwards."""
    with tempfile.TemporaryDirectory(prefix="monitor-") as folder:
        connection = duckdb.connect(":memory:", config=settings(folder))
        try:
            connection.execute("SET TimeZone = 'UTC'")
            yield connection
        finally:
            connection.close()


def spill_folder(path: str) -> str:
    """Return where a database file may spill: the same for every opening of it by this process."""
    return str(Path(_spills(), blake2b(path.encode(), digest_size=8).hexdigest()))


@cache
def _spills() -> str:
    folder = tempfile.mkdtemp(prefix="monitor-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def quoted(name: str) -> str:
    """Return a name as an SQL identifier, whatever it holds.

    Examples
    --------
    >>> print(quoted('we"ird; DROP TABLE x'))
    "we""ird; DROP TABLE x"
    """
    return '"' + name.replace('"', '""') + '"'
