"""Sessions of users: rows that the server can end, found by a digest of what the browser holds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from monitor.store.access_tables import sessions

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session's row: it ends at ``ends_at`` whatever happens, and earlier when it is idle."""

    digest: str
    user_id: int
    created_at: datetime
    seen_at: datetime
    ends_at: datetime


def add(conn: Connection, session: StoredSession) -> None:
    """Store a new session, and forget those that are over."""
    conn.execute(delete(sessions).where(sessions.c.ends_at <= session.created_at))
    conn.execute(insert(sessions).values(asdict(session)))


def get(conn: Connection, digest: str) -> StoredSession | None:
    """Return the session of that digest; None when there is none."""
    row = conn.execute(select(sessions).where(sessions.c.digest == digest)).mappings().first()
    return None if row is None else StoredSession(**row)


def seen(conn: Connection, digest: str, at: datetime) -> None:
    """Note when a session was last used."""
    conn.execute(update(sessions).where(sessions.c.digest == digest).values(seen_at=at))


def end(conn: Connection, digest: str) -> None:
    """End a session."""
    conn.execute(delete(sessions).where(sessions.c.digest == digest))


def end_all(conn: Connection, user_id: int) -> None:
    """End every session of a user."""
    conn.execute(delete(sessions).where(sessions.c.user_id == user_id))
