"""The pepper that the store keeps for itself where the environment gives none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from monitor.store.access_tables import peppers
from monitor.store.conflict import insert

if TYPE_CHECKING:
    from sqlalchemy import Connection


def stored(conn: Connection) -> str | None:
    """Return the pepper, 64 hexadecimal digits; None when none was made."""
    found: str | None = conn.execute(select(peppers.c.pepper).where(peppers.c.id == 1)).scalar()
    return found


def keep(conn: Connection, fresh: str) -> str:
    """Store a pepper unless there is one; return the one that counts."""
    conn.execute(insert(conn, peppers).values(id=1, pepper=fresh).on_conflict_do_nothing())
    return stored(conn) or fresh
