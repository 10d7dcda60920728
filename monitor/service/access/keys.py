"""API keys: made and shown once, listed, revoked, recognised."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from monitor.domain.key_text import ALPHABET, ID_LENGTH, SECRET_LENGTH, KeyText, parse
from monitor.domain.principal import Principal
from monitor.errors import StoreError, UsageError
from monitor.service.access import audit, grant, pepper
from monitor.service.access.actor import LONGEST_NAME, written
from monitor.service.access.pepper import Pepper
from monitor.service.record import instant, instant_or_none
from monitor.store import clock, keys
from monitor.store.engine import Store
from monitor.store.keys import StoredKey

KIND = "key"
TOUCH = timedelta(minutes=5)  # how exactly it is known when a key was last used


@dataclass(frozen=True)
class NewKey:
    """A key that was just made: ``text`` is shown this once."""

    row: StoredKey
    text: str = field(repr=False)


def create(
    store: Store,
    *,
    name: str,
    role: str,
    by: Principal,
    models: Sequence[str] | None = None,
    lasts: timedelta | None = None,
    request_id: str | None = None,
) -> NewKey:
    """Make a key.

    Parameters
    ----------
    name : str
        What it is for; no two keys in force have the same.
    lasts : timedelta, optional
        How long it works; for ever when absent.

    Raises
    ------
    UsageError
        There is no such role, a pattern is none, or the name is taken.
    """
    called, given, seen = (
        written(name, "the name of the key", LONGEST_NAME),
        grant.role_of(role),
        grant.patterns(models),
    )
    if lasts is not None and lasts <= timedelta(0):
        raise UsageError("the key would have expired before it is made", "write how long it works, such as 90d")
    key, salt = KeyText(_random(ID_LENGTH), _random(SECRET_LENGTH)), pepper.of(store)

    def act(conn: Connection) -> StoredKey:
        keys.alone(conn)
        now = clock.now(conn)
        if any(one.name == called and state(one, now) == "active" for one in keys.every(conn)):
            raise grant.TakenError(
                f"there is a key {called!r} already", "choose another name, or revoke that one first"
            )
        until = None if lasts is None else now + lasts
        row = StoredKey(key.id, called, given, seen, salt.digest(KIND, key.text()), now, by.name, until)
        keys.add(conn, row)
        audit.record(conn, by, "key.create", f"key {key.id}", None, _facts(row), request_id)
        return row

    return NewKey(store.transact(act), key.text())


def revoke(store: Store, number: str, *, by: Principal, request_id: str | None = None) -> StoredKey:
    """Revoke a key, named by its number or by the name of the one in force; a second time changes nothing.

    Raises
    ------
    UsageError
        There is no such key.
    """

    def act(conn: Connection) -> StoredKey:
        now = clock.now(conn)
        found = _find(conn, number, now)
        if found.revoked_at is None:
            keys.revoke(conn, found.id, now)
            audit.record(conn, by, "key.revoke", f"key {found.id}", _facts(found), None, request_id)
        return keys.get(conn, found.id) or found

    return store.transact(act)


def listed(store: Store) -> list[StoredKey]:
    """Return all keys, those that were revoked too, in the order they were made."""
    with store.read() as conn:
        return keys.every(conn)


def who(store: Store, salt: Pepper, text: str, now: datetime) -> Principal | None:
    """Return who a key is of; None when it is unknown, expired or revoked."""
    key = parse(text)
    if key is None:
        return None
    with store.read() as conn:
        row = keys.get(conn, key.id)
    # An unknown key takes as long as a known one with a wrong secret.
    proved = salt.proves(KIND, text, row.digest if row else "0" * 64)
    if row is None or not proved or state(row, now) != "active":
        return None
    if row.used_at is None or now - row.used_at >= TOUCH:
        with suppress(StoreError), store.write() as conn:  # a disk that is full keeps nobody from looking
            keys.used(conn, row.id, now)
    return grant.principal("key", row.name, row.role, row.models, row.id)


def state(row: StoredKey, now: datetime) -> str:
    """Return ``active``, ``revoked`` or ``expired``."""
    if row.revoked_at is not None:
        return "revoked"
    return "expired" if row.expires_at is not None and row.expires_at <= now else "active"


def flat(row: StoredKey, now: datetime) -> dict[str, Any]:
    """Return a key as a record for machines, without what proves it."""
    return {
        "id": row.id,
        "name": row.name,
        "role": row.role,
        "models": grant.listed(row.models),
        "state": state(row, now),
        "created_at": instant(row.created_at),
        "created_by": row.created_by,
        "expires_at": instant_or_none(row.expires_at),
        "used_at": instant_or_none(row.used_at),
        "revoked_at": instant_or_none(row.revoked_at),
    }


def _facts(row: StoredKey) -> dict[str, Any]:
    return {
        "name": row.name,
        "role": row.role,
        "models": grant.listed(row.models),
        "expires_at": instant_or_none(row.expires_at),
    }


def _find(conn: Connection, number: str, now: datetime) -> StoredKey:
    every = keys.every(conn)
    found = [one for one in every if one.id == number] or [
        one for one in every if one.name == number and state(one, now) == "active"
    ]
    if not found:
        raise UsageError(f"there is no key {number[:80]!r}", "`monitor keys list` shows which there are")
    return found[0]


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
