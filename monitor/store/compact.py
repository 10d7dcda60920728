"""Compacting: SQLite's file gets rid of the pages that removed rows have left empty."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from monitor.errors import StoreError, UsageError
from monitor.store.engine import BUSY_SECONDS

if TYPE_CHECKING:
    from monitor.store.engine import Store


def compact(store: Store) -> tuple[int, int]:
    """Write the store's file anew without empty pages; returns its size in bytes before and after.

    Needs as much room again on the disk for a while; readers go on, writers wait.

    Raises
    ------
    UsageError
        The store is on PostgreSQL, which does it by itself.
    StoreError
        It is in use, or the disk is full.
    """
    if store.path is None:
        raise UsageError(
            "PostgreSQL uses the room of removed rows again by itself (autovacuum)",
            "`VACUUM FULL` by its administrator gives it back to the disk",
        )
    before = store.path.stat().st_size
    try:
        with closing(sqlite3.connect(store.path, isolation_level=None, timeout=BUSY_SECONDS)) as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        hint = "stop its workers, and see that the disk has as much room again"
        raise StoreError(f"The store {store} was not compacted: {error}", hint) from error
    return before, store.path.stat().st_size
