"""API keys: found by their number, never by their secret, which is not here."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from monitor.store.access_tables import api_keys

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key's row: ``digest`` proves its secret, ``models`` are the patterns, one a line."""

    id: str
    name: str
    role: str
    models: str
    digest: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    used_at: datetime | None = None
    revoked_at: datetime | None = None


def alone(conn: Connection) -> None:
    """Let nobody else make a key until the commit: whether a name is taken is looked up first."""
    if conn.dialect.name == "postgresql":  # SQLite lets one transaction write at a time
        conn.exec_driver_sql("LOCK TABLE api_keys IN SHARE ROW EXCLUSIVE MODE")


def add(conn: Connection, key: StoredKey) -> None:
    """Store a new key."""
    conn.execute(insert(api_keys).values(asdict(key)))


def get(conn: Connection, number: str) -> StoredKey | None:
    """Return the key of that number, revoked or not; None when there is none."""
    row = conn.execute(select(api_keys).where(api_keys.c.id == number)).mappings().first()
    return None if row is None else StoredKey(**row)


def every(conn: Connection) -> list[StoredKey]:
    """Return all keys in the order they were made."""
    chosen = select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id)
    return [StoredKey(**row) for row in conn.execute(chosen).mappings()]


def revoke(conn: Connection, number: str, at: datetime) -> None:
    """Mark a key as revoked, unless it is."""
    conn.execute(update(api_keys).where(api_keys.c.id == number, api_keys.c.revoked_at.is_(None)).values(revoked_at=at))


def used(conn: Connection, number: str, at: datetime) -> None:
    """Note when a key was last used."""
    conn.execute(update(api_keys).where(api_keys.c.id == number).values(used_at=at))


def any_there(conn: Connection) -> bool:
    """Return whether a key was ever made, even if it is revoked."""
    return conn.execute(select(api_keys.c.id).limit(1)).first() is not None
