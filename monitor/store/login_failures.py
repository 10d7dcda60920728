"""Logins that failed, counted by account and by address, until they are forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import case, delete

from monitor.store.access_tables import login_failures
from monitor.store.conflict import insert

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection


def note(conn: Connection, keys: Sequence[str], now: datetime, until: datetime) -> dict[str, int]:
    """Count one failure under each key and return how many there are now; what is over is forgotten.

    The rows stay locked until the commit: of many at once each sees those before it.
    """
    table, found = login_failures.c, {}
    for key in sorted(keys):
        row = insert(conn, login_failures).values(key=key, failures=1, until=until)
        more = {"failures": case((table.until > now, table.failures + 1), else_=1), "until": until}
        counted = row.on_conflict_do_update(index_elements=["key"], set_=more).returning(table.failures)
        found[key] = int(conn.execute(counted).scalar_one())
    return found


def forget_old(conn: Connection, now: datetime) -> None:
    """Forget the failures that are over."""
    conn.execute(delete(login_failures).where(login_failures.c.until <= now))


def forget(conn: Connection, keys: Sequence[str]) -> None:
    """Forget the failures under these keys."""
    conn.execute(delete(login_failures).where(login_failures.c.key.in_(keys)))
