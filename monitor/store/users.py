"""Users, by name or by who they are at a provider of identities."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from monitor.store.access_tables import users
from monitor.store.conflict import insert
from monitor.store.text import armour

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class StoredUser:
    """A user's row.

    ``password`` is what Argon2 made of it, None for who has none (yet); ``subject`` a digest of who it is at a
    provider, None for local users; ``token`` a digest of what may set a password once, until ``token_until``.
    """

    id: int
    name: str
    role: str
    models: str
    created_at: datetime
    password: str | None = field(default=None, repr=False)
    subject: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    token_until: datetime | None = None
    seen_at: datetime | None = None
    disabled_at: datetime | None = None


def add(
    conn: Connection, name: str, role: str, models: str, at: datetime, subject: str | None = None
) -> StoredUser | None:
    """Store a new user and return it; None when somebody has that name or is that one at the provider."""
    values = {"name": name, "role": role, "models": models, "created_at": at, "subject": subject}
    made = insert(conn, users).values(values).on_conflict_do_nothing().returning(users)
    row = conn.execute(made).mappings().first()
    return None if row is None else StoredUser(**row)


def get(conn: Connection, number: int) -> StoredUser | None:
    """Return the user of that number; None when there is none."""
    return _one(conn, users.c.id == number)


def named(conn: Connection, name: str) -> StoredUser | None:
    """Return the user of that name; None when there is none."""
    return _one(conn, users.c.name == armour(name))


def of_subject(conn: Connection, subject: str) -> StoredUser | None:
    """Return the user who is that one at a provider; None when he has not been here."""
    return _one(conn, users.c.subject == subject)


def every(conn: Connection) -> list[StoredUser]:
    """Return all users by name."""
    return [StoredUser(**row) for row in conn.execute(select(users).order_by(users.c.name)).mappings()]


def change(conn: Connection, number: int, **values: Any) -> None:
    """Change columns of a user's row."""
    conn.execute(update(users).where(users.c.id == number).values(**values))


def any_there(conn: Connection) -> bool:
    """Return whether there is a user, even if disabled."""
    return conn.execute(select(users.c.id).limit(1)).first() is not None


def _one(conn: Connection, condition: Any) -> StoredUser | None:
    row = conn.execute(select(users).where(condition)).mappings().first()
    return None if row is None else StoredUser(**row)
