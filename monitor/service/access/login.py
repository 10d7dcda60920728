"""Logging in: by password, by the token that sets it, or by what a provider of identities says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection

from monitor.domain.principal import Principal
from monitor.service.access import audit, grant, passwords, sessions, throttle, users
from monitor.service.access.pepper import Pepper
from monitor.store import sessions as stored_sessions
from monitor.store import users as stored
from monitor.store.engine import Store
from monitor.store.users import StoredUser


class LoginRefused(Exception):  # noqa: N818 - it is an answer
    """Nobody was let in; ``throttled`` when nobody looked either."""

    def __init__(self, *, throttled: bool = False) -> None:
        super().__init__("too many attempts" if throttled else "not let in")
        self.throttled = throttled


@dataclass(frozen=True)
class Desk:
    """Where logins are asked for: the store, what secrets are proved by, the time, and from where it is asked."""

    store: Store = field(repr=False)
    salt: Pepper = field(repr=False)
    now: datetime
    address: str
    request_id: str | None = None


def with_password(desk: Desk, name: str, password: str) -> str:
    """Return the token of a new session.

    Raises
    ------
    LoginRefused
        Name or password is wrong, which of the two is not told; or too many were.
    """
    account = _account(name)
    _count(desk, account)
    with desk.store.read() as conn:
        user = stored.named(conn, account)
    if not passwords.fits(user.password if user else None, password) or user is None:
        raise LoginRefused

    def act(conn: Connection) -> str:
        fresh = stored.get(conn, user.id)
        if fresh is None or fresh.disabled_at is not None or fresh.password != user.password:
            raise LoginRefused
        return _begin(conn, desk, fresh, "password")

    token = desk.store.transact(act)
    throttle.succeeded(desk.store, account, desk.address, desk.now)
    return token


def with_token(desk: Desk, name: str, token: str, password: str) -> str:
    """Set the password by the token, which is void from then on, and return the token of a new session.

    Raises
    ------
    LoginRefused
        There is no such token any more, or it is somebody else's.
    UsageError
        The password is a bad one; the token stays.
    """
    account = _account(name)
    _count(desk, account)
    with desk.store.read() as conn:
        user = stored.named(conn, account)
    _demand_token(desk, user, token)
    fresh_password = passwords.hashed(password, account)

    def act(conn: Connection) -> str:
        user = stored.named(conn, account)
        known = _demand_token(desk, user, token)
        stored.change(conn, known.id, password=fresh_password, token=None, token_until=None)
        stored_sessions.end_all(conn, known.id)
        return _begin(conn, desk, known, "token")

    session = desk.store.transact(act)
    throttle.succeeded(desk.store, account, desk.address, desk.now)
    return session


def with_identity(
    desk: Desk, *, issuer: str, subject: str, name: str, role: str, models: Sequence[str] | None = None
) -> str:
    """Return the token of a new session for whom a provider vouches; role and models are renewed at every login.

    Raises
    ------
    LoginRefused
        The user was disabled here.
    """
    key = sha256(f"{issuer}\0{subject}".encode("utf-8", "surrogatepass")).hexdigest()
    seen = grant.patterns(models)

    def act(conn: Connection) -> str:
        user = before = stored.of_subject(conn, key)
        if user is None:
            stored.add(conn, _free(conn, name, key), grant.role_of(role), seen, desk.now, key)
            user = stored.of_subject(conn, key)  # whoever has added it: he may log in twice at once
        if user is None or user.disabled_at is not None:
            raise LoginRefused
        stored.change(conn, user.id, role=grant.role_of(role), models=seen)
        now = stored.get(conn, user.id) or user
        _record_grant(conn, desk, before, now)
        return _begin(conn, desk, now, "oidc")

    return desk.store.transact(act)


def _record_grant(conn: Connection, desk: Desk, before: StoredUser | None, now: StoredUser) -> None:
    """Record that the provider has made somebody a user, or has given one something else."""
    facts, known = users.facts(now), None if before is None else users.facts(before)
    if facts != known:
        action = "user.add" if known is None else "user.change"
        audit.record(conn, sessions.principal_of(now), action, f"user {now.name}", known, facts, desk.request_id)


def _begin(conn: Connection, desk: Desk, user: StoredUser, way: str) -> str:
    token = sessions.begin(conn, desk.salt, user, desk.now)
    who: Principal = sessions.principal_of(user)
    facts = {"by": way, "address": desk.address, "role": user.role}
    audit.record(conn, who, "login", who.name, None, facts, desk.request_id)
    return token


def _count(desk: Desk, account: str) -> None:
    if not throttle.attempt(desk.store, account, desk.address, desk.now):
        raise LoginRefused(throttled=True)


def _demand_token(desk: Desk, user: StoredUser | None, token: str) -> StoredUser:
    proved = desk.salt.proves(users.KIND, token, (user.token if user else None) or "0" * 64)
    if user is None or not proved or user.disabled_at is not None:
        raise LoginRefused
    if user.token_until is None or user.token_until <= desk.now:
        raise LoginRefused
    return user


def _account(name: str) -> str:
    return name.strip().lower()[:200]


def _free(conn: Connection, name: str, key: str) -> str:
    """Return a name for somebody who comes from a provider: never that of a user who is here already."""
    kept = "".join(c for c in name.strip().lower() if c.isalnum() or c in "._@+-")[:100] or "somebody"
    return kept if stored.named(conn, kept) is None else f"{kept}+{key[:8]}"
