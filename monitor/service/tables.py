"""The store's tables: made, upgraded and checked on request."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.config import Config
from monitor.errors import StoreError
from monitor.store import migration
from monitor.store.engine import open_store


@dataclass(frozen=True)
class Tables:
    """A store (its URL, password masked), the revision its tables are at, and whether that is new."""

    store: str
    revision: str
    changed: bool = False


def upgrade_store(config: Config) -> Tables:
    """Make the tables or bring them up to date, also where ``MONITOR_AUTO_UPGRADE=0`` forbids doing so by itself."""
    store = open_store(config.store, folder=config.folder)
    try:
        return Tables(str(store), migration.HEAD, migration.upgrade(store))
    finally:
        store.close()


def check_store(config: Config) -> Tables:
    """Compare every table and column with this code.

    Raises
    ------
    StoreError
        They differ, or there are none.
    """
    store = open_store(config.store, folder=config.folder, create=False)
    try:
        standing = migration.check(store)
    finally:
        store.close()
    if standing.current != standing.head:
        found = "has no tables yet" if standing.current is None else f"is at revision {standing.current}"
        raise StoreError(f"The store {store} {found}, this release wants {standing.head}.", "run `monitor db upgrade`")
    if standing.differences:
        what = "; ".join(standing.differences)
        raise StoreError(f"The tables of {store} differ from what this release made: {what}", "restore a backup")
    return Tables(str(store), standing.head)
