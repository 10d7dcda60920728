"""Users: added by the operator with a token that sets the password once, changed, disabled."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from monitor.domain.principal import Principal
from monitor.errors import UsageError
from monitor.service.access import audit, grant, passwords, pepper
from monitor.service.record import instant, instant_or_none
from monitor.store import clock, sessions, users
from monitor.store.engine import Store
from monitor.store.users import StoredUser

KIND = "token"
TOKEN_LASTS = timedelta(hours=24)
_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")


@dataclass(frozen=True)
class Invited:
    """A user and the token that sets his password once; shown this once."""

    user: StoredUser
    token: str = field(repr=False)


def add(
    store: Store,
    *,
    name: str,
    role: str,
    by: Principal,
    models: Sequence[str] | None = None,
    request_id: str | None = None,
) -> Invited:
    """Add a user, who sets the password himself with the token.

    Raises
    ------
    UsageError
        The name is none or is taken, there is no such role, or a pattern is none.
    """
    called, given, seen, salt = called_(name), grant.role_of(role), grant.patterns(models), pepper.of(store)
    token = secrets.token_urlsafe(32)

    def act(conn: Connection) -> Invited:
        now = clock.now(conn)
        user = users.add(conn, called, given, seen, now)
        if user is None:
            hint = f"`monitor users token {called}` makes a new token"
            raise grant.TakenError(f"there is a user {called!r} already", hint)
        users.change(conn, user.id, token=salt.digest(KIND, token), token_until=now + TOKEN_LASTS)
        audit.record(conn, by, "user.add", f"user {called}", None, facts(user), request_id)
        return Invited(get(conn, called), token)

    return store.transact(act)


def invite(store: Store, name: str, *, by: Principal, request_id: str | None = None) -> Invited:
    """Give a user a new token; the one before, if any, is void. His password and sessions stay until it is used.

    Raises
    ------
    UsageError
        There is no such user, or he logs in elsewhere.
    """
    salt, token = pepper.of(store), secrets.token_urlsafe(32)

    def act(conn: Connection) -> Invited:
        user = get(conn, name)
        _refuse_foreign(user)
        users.change(conn, user.id, token=salt.digest(KIND, token), token_until=clock.now(conn) + TOKEN_LASTS)
        audit.record(conn, by, "user.token", f"user {user.name}", None, None, request_id)
        return Invited(get(conn, name), token)

    return store.transact(act)


def set_password(store: Store, name: str, password: str, *, by: Principal, request_id: str | None = None) -> StoredUser:
    """Set a user's password; his sessions end.

    Raises
    ------
    UsageError
        There is no such user, he logs in elsewhere, or the password is a bad one.
    """
    stored = passwords.hashed(password, name)

    def act(conn: Connection) -> StoredUser:
        user = get(conn, name)
        _refuse_foreign(user)
        _renew(conn, user, stored)
        audit.record(conn, by, "user.password", f"user {user.name}", None, None, request_id)
        return get(conn, name)

    return store.transact(act)


def change(
    store: Store,
    name: str,
    *,
    by: Principal,
    role: str | None = None,
    models: Sequence[str] | None = None,
    disabled: bool | None = None,
    request_id: str | None = None,
) -> StoredUser:
    """Change what a user may do; disabling him ends his sessions.

    Raises
    ------
    UsageError
        There is no such user or role, or a pattern is none.
    """

    def act(conn: Connection) -> StoredUser:
        user, now = get(conn, name), clock.now(conn)
        values: dict[str, Any] = {}
        if role is not None:
            values["role"] = grant.role_of(role)
        if models is not None:
            values["models"] = grant.patterns(models)
        if disabled is not None:
            values["disabled_at"] = (user.disabled_at or now) if disabled else None
        if disabled:
            sessions.end_all(conn, user.id)
        if values:
            users.change(conn, user.id, **values)
        changed = get(conn, name)
        if facts(changed) != facts(user):
            audit.record(conn, by, "user.change", f"user {user.name}", facts(user), facts(changed), request_id)
        return changed

    return store.transact(act)


def listed(store: Store) -> list[StoredUser]:
    """Return all users by name."""
    with store.read() as conn:
        return users.every(conn)


def get(conn: Connection, name: str) -> StoredUser:
    """Return the user of that name.

    Raises
    ------
    UsageError
        There is none.
    """
    found = users.named(conn, name.strip().lower())
    if found is None:
        raise UsageError(f"there is no user {name[:80]!r}", "`monitor users list` shows which there are")
    return found


def called_(name: str) -> str:
    """Return a user's name as it is kept: in small letters.

    Raises
    ------
    UsageError
        It cannot be one.
    """
    found = name.strip().lower()
    if not _NAME.fullmatch(found):
        raise UsageError(f"{name[:80]!r} cannot be a user's name", "use letters, digits and . _ @ + -, at most 100")
    return found


def flat(user: StoredUser) -> dict[str, Any]:
    """Return a user as a record for machines, without what proves him."""
    return {
        "name": user.name,
        "role": user.role,
        "models": grant.listed(user.models),
        "state": "disabled" if user.disabled_at else "active" if user.password or user.subject else "invited",
        "login": "oidc" if user.subject else "password",
        "created_at": instant(user.created_at),
        "seen_at": instant_or_none(user.seen_at),
        "disabled_at": instant_or_none(user.disabled_at),
    }


def _renew(conn: Connection, user: StoredUser, stored: str) -> None:
    users.change(conn, user.id, password=stored, token=None, token_until=None)
    sessions.end_all(conn, user.id)


def facts(user: StoredUser) -> dict[str, Any]:
    """Return what the audit log tells of a user."""
    return {"role": user.role, "models": grant.listed(user.models), "disabled": user.disabled_at is not None}


def _refuse_foreign(user: StoredUser) -> None:
    if user.subject is not None:
        raise UsageError(f"user {user.name!r} logs in at a provider of identities", "he has no password here")
