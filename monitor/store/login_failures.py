"""Logins that failed, counted by account and by address, until they are forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import case, delete, select

from monitor.store.access_tables import login_failures
from monitor.store.conflict import insert

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection


def counted(conn: Connection, keys: Sequence[str], now: datetime) -> dict[str, int]:
    """Return how many failures are remembered under each key."""
    table = login_failures.c
    chosen = select(table.key, table.failures).where(table.key.in_(keys), table.until > now)
    return {row.key: row.failures for row in conn.execute(chosen)}


def note(conn: Connection, keys: Sequence[str], now: datetime, until: datetime) -> None:
    """Count one failure under each key; what is over is forgotten."""
    conn.execute(delete(login_failures).where(login_failures.c.until <= now))
    for key in sorted(keys):
        row = insert(conn, login_failures).values(key=key, failures=1, until=until)
        table = login_failures.c
        more = {"failures": case((table.until > now, table.failures + 1), else_=1), "until": until}
        conn.execute(row.on_conflict_do_update(index_elements=["key"], set_=more))


def forget(conn: Connection, keys: Sequence[str]) -> None:
    """Forget the failures under these keys."""
    conn.execute(delete(login_failures).where(login_failures.c.key.in_(keys)))
