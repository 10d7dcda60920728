"""Bringing the store's tables up to date: one process at a time, and only when needed.

Whether anything is to be done costs one query against a constant; Alembic is imported only to do it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, inspect, text

import monitor
from monitor.errors import StoreError
from monitor.store import fault
from monitor.store.engine import BEGIN, IMMEDIATE, Store, build_engine

T = TypeVar("T")
KNOWN = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011", "0012", "0013")
HEAD = KNOWN[-1]
PUSHED = "pushed_rows_"
SWITCH = "MONITOR_AUTO_UPGRADE"
_OWN = "give the monitor a database of its own, or on PostgreSQL a schema: ?options=-csearch_path%3Dmonitor"
_OURS = re.compile(r"\d{4}")
LOCK = 0x6D6F6E69746F72  # "monitor"


@dataclass(frozen=True)
class Standing:
    """How far a store's tables are: ``current`` is None before the first upgrade."""

    current: str | None
    head: str = HEAD
    differences: tuple[str, ...] = ()

    @property
    def is_current(self) -> bool:
        """Whether code and tables belong together."""
        return self.current == self.head and not self.differences


def ensure(store: Store, *, automatic: bool = True) -> bool:
    """Make the tables ready for this code; returns whether anything was done.

    Parameters
    ----------
    store : Store
        The open store.
    automatic : bool
        Whether an upgrade may be made; never when the environment says ``MONITOR_AUTO_UPGRADE=0``.

    Raises
    ------
    StoreError
        The store is newer than this code, or older and may not be upgraded.
    """
    current = revision(store)
    if current == HEAD:
        return False
    _refuse_newer(store, current)
    with store.read() as conn:
        refuse_foreign(store, conn)
    forbidden = os.environ.get(SWITCH, "1").lower() in {"0", "false", "no", "off"}
    if forbidden or not automatic:
        state = "has no tables yet" if current is None else f"is at revision {current}, this code wants {HEAD}"
        why = f" ({SWITCH}=0 forbids doing it by itself)" if forbidden else ""
        raise StoreError(f"The store {store} {state}.", f"run `monitor db upgrade`{why}")
    return upgrade(store)


def refuse_foreign(store: Store, conn: Connection) -> None:
    """Refuse a database without our revision that has tables called like ours.

    Raises
    ------
    StoreError
        It is somebody else's.
    """
    from monitor.store.schema import metadata  # noqa: PLC0415 - wanted before the first upgrade only

    there = sorted(set(inspect(conn).get_table_names()) & set(metadata.tables)) if _revision(conn) is None else []
    if there:
        named = ", ".join(map(repr, there[:3])) + (" and others" if len(there) > 3 else "")
        raise StoreError(
            f"The store {store} is another application's database: it has tables {named} that are not the monitor's.",
            _OWN,
        )


def revision(store: Store) -> str | None:
    """Return the store's revision; None when it has no tables of ours."""
    with store.read() as conn:
        return _revision(conn)


def upgrade(store: Store, target: str = HEAD) -> bool:
    """Upgrade to ``target`` in one transaction under a lock; returns whether anything was done.

    Raises
    ------
    StoreError
        The store is newer than this code, or the database refused.
    """

    def work(conn: Connection) -> bool:
        current = _revision(conn)
        _refuse_newer(store, current)
        refuse_foreign(store, conn)
        if current is not None and KNOWN.index(current) >= KNOWN.index(target):
            return False
        _alembic(conn, "upgrade", target)
        return True

    return _locked(store, work)


def downgrade(store: Store, target: str) -> None:
    """Go back to ``target`` (``base`` removes every table) in one transaction under the same lock."""
    _locked(store, lambda conn: _alembic(conn, "downgrade", target))


def check(store: Store) -> Standing:
    """Compare the store with this code: its revision, and every table and column."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 - slow, and rarely wanted
    from alembic.migration import MigrationContext  # noqa: PLC0415

    from monitor.store.schema import metadata  # noqa: PLC0415

    with store.read() as conn:
        current = _revision(conn)
        refuse_foreign(store, conn)
        options = {"compare_type": True, "include_name": lambda name, kind, _: not (kind == "table" and pushed(name))}
        context = MigrationContext.configure(conn, opts=options)
        found = compare_metadata(context, metadata) if current else []
    return Standing(current, HEAD, tuple(map(str, found)))


def pushed(table: str | None) -> bool:
    """Tell whether a table holds pushed rows: such are made with their models, by no migration.

    Examples
    --------
    >>> pushed("pushed_rows_3"), pushed("models")
    (True, False)
    """
    return table is not None and table.startswith(PUSHED)


def scripts() -> Path:
    """Return the folder of migrations: inside an installed package, else at the top of a checkout.

    Raises
    ------
    StoreError
        Neither is there: the installation is broken.
    """
    package = Path(monitor.__file__).parent
    for folder in (package / "_alembic", package.parent / "alembic"):
        if (folder / "env.py").is_file():
            return folder
    raise StoreError("The migrations of the store are not installed.", "install model-monitor again")


def _revision(conn: Connection) -> str | None:
    if not inspect(conn).has_table("alembic_version"):
        return None
    found: str | None = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _refuse_newer(store: Store, current: str | None) -> None:
    if current is not None and not _OURS.fullmatch(current):
        raise StoreError(
            f"The store {store} is another application's database: its tables are at that one's revision {current!r}.",
            _OWN,
        )
    if current is not None and current not in KNOWN:
        raise StoreError(
            f"The store {store} is at revision {current}, newer than this code ({HEAD}).",
            "update model-monitor here too, or use the store's own backup from before its upgrade",
        )


def _locked(store: Store, work: Callable[[Connection], T]) -> T:
    """Do the work on a connection of its own, alone: PostgreSQL's advisory lock, SQLite's write lock."""
    store.close()
    engine = build_engine(store.url, migrating=True).execution_options(**{BEGIN: IMMEDIATE})
    with fault.explained(store.url), engine.begin() as conn:
        if store.dialect == "postgresql":
            conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        result = work(conn)
        if store.dialect == "sqlite" and conn.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise StoreError(f"The upgrade of {store} would orphan rows; nothing was changed.", "please report this")
    store.close()
    return result


def _alembic(conn: Connection, command: str, target: str) -> None:
    from alembic.config import Config  # noqa: PLC0415

    from alembic import command as commands  # noqa: PLC0415 - slow, and wanted once per upgrade

    config = Config(stdout=StringIO())
    config.set_main_option("script_location", str(scripts()).replace("%", "%%"))
    config.attributes["connection"] = conn
    getattr(commands, command)(config, target)
