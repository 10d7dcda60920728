"""An empty store with its tables, made once in each process: making them takes longer than most tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from monitor.store import migration
from monitor.store.engine import open_store

NAME = "monitor.db"


def put_store(folder: Path) -> None:
    """Put a store that is up to date and empty into a folder, unless it has one."""
    file = folder / NAME
    if not file.exists():
        file.write_bytes(_empty())


def put_tables(url: str) -> None:
    """Make the tables in an empty database of PostgreSQL."""
    store = open_store(url, folder=Path())
    migration.upgrade(store)
    store.close()


@cache
def _empty() -> bytes:
    with TemporaryDirectory() as name:
        folder = Path(name)
        store = open_store(f"sqlite:///{NAME}", folder=folder)
        migration.upgrade(store)
        store.close()
        return (folder / NAME).read_bytes()
