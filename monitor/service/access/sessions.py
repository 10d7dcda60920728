"""Sessions: begun by a login, recognised by what the browser holds, ended by time, by logout or by disabling."""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor.domain.principal import Principal
from monitor.errors import StoreError
from monitor.service.access import audit, grant
from monitor.service.access.pepper import Pepper
from monitor.store import sessions, users
from monitor.store.engine import Store
from monitor.store.sessions import StoredSession
from monitor.store.users import StoredUser

KIND = "session"
IDLE = timedelta(hours=8)
LONGEST = timedelta(hours=24)
TOUCH = timedelta(minutes=5)  # how exactly it is known when a session was last used


def begin(conn: Connection, salt: Pepper, user: StoredUser, now: datetime) -> str:
    """Begin a session and return what the browser is to hold: new at every login, so that none can be planted."""
    token = secrets.token_urlsafe(32)
    sessions.add(conn, StoredSession(salt.digest(KIND, token), user.id, now, now, now + LONGEST))
    users.change(conn, user.id, seen_at=now)
    return token


def who(store: Store, salt: Pepper, token: str, now: datetime) -> Principal | None:
    """Return whose session it is; None when it is over or was ended."""
    digest = salt.digest(KIND, token)
    with store.read() as conn:
        found = sessions.get(conn, digest)
        user = None if found is None else users.get(conn, found.user_id)
    if found is None or user is None or user.disabled_at is not None:
        return None
    if now >= found.ends_at or now - found.seen_at >= IDLE:
        return None
    if now - found.seen_at >= TOUCH:
        with suppress(StoreError), store.write() as conn:  # as for keys
            sessions.seen(conn, digest, now)
    return principal_of(user)


def principal_of(user: StoredUser) -> Principal:
    """Return who a user is."""
    return grant.principal("user", user.name, user.role, user.models, user.id)


def end(store: Store, salt: Pepper, token: str, *, by: Principal, request_id: str | None = None) -> None:
    """End a session."""

    def act(conn: Connection) -> None:
        digest = salt.digest(KIND, token)
        if sessions.get(conn, digest) is not None:
            sessions.end(conn, digest)
            audit.record(conn, by, "logout", by.name, None, None, request_id)

    store.transact(act)
