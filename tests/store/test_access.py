"""Keys, users, sessions and failed logins are kept alike on both databases, whatever people send."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher

from monitor.domain.principal import LOCAL
from monitor.errors import MonitorError
from monitor.service.access import audit, keys, login, passwords, pepper, sessions, throttle, users
from monitor.service.access.login import Desk, LoginRefused
from monitor.service.access.pepper import Pepper

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.store.engine import Store

PASSWORD = "four words no one-guesses"
NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let Argon2 be fast: what it costs is not what is looked at here."""
    monkeypatch.delenv(pepper.VARIABLE, raising=False)
    monkeypatch.setattr(passwords, "_hasher", lambda: PasswordHasher(1, 8, 1))
    passwords._nobodys.cache_clear()
    yield
    passwords._nobodys.cache_clear()


def test_from_the_key_to_its_end(store: Store) -> None:
    """A key is made, recognised, noted as used and revoked."""
    made = keys.create(store, name="ci\0", role="viewer", models=["Größe-*"], by=LOCAL, lasts=timedelta(days=1))
    salt = pepper.of(store)
    found = keys.who(store, salt, made.text, NOW)
    assert found is not None
    assert found.models == ("Größe-*",)
    (row,) = keys.listed(store)
    assert row.used_at == NOW
    assert keys.revoke(store, row.id, by=LOCAL).revoked_at is not None
    assert keys.who(store, salt, made.text, NOW) is None


def test_from_the_token_to_the_logout(store: Store) -> None:
    """A user sets a password, logs in, is idle, is throttled, comes from a provider, is disabled; the log holds."""
    desk = Desk(store, pepper.of(store), NOW, "2001:db8::1")
    invited = users.add(store, name="ann", role="operator", by=LOCAL)
    first = login.with_token(desk, "ann", invited.token, PASSWORD)
    second = login.with_password(desk, "ann", PASSWORD)
    sessions.end(store, desk.salt, first, by=LOCAL)
    told = [sessions.who(store, desk.salt, token, NOW) is not None for token in (first, second)]
    assert told == [False, True]
    later = NOW + timedelta(hours=7)
    assert sessions.who(store, desk.salt, second, later) is not None
    assert sessions.who(store, desk.salt, second, later + timedelta(hours=7)) is not None
    vouched = login.with_identity(desk, issuer="https://id", subject="\0\ud800", name="ann", role="viewer")
    assert sessions.who(store, desk.salt, vouched, NOW) is not None
    for name in ("ann", "a\0\ud800", "x" * 5000):
        with pytest.raises(LoginRefused):
            login.with_password(desk, name, "wrong\0\ud800")
    users.change(store, "ann", by=LOCAL, disabled=True)
    assert sessions.who(store, desk.salt, second, NOW) is None
    assert audit.verify(store).broken_at is None


def test_guesses_at_once_are_counted_each(store: Store) -> None:
    """Twelve attempts at the same moment, from as many threads, are no more than five."""
    with ThreadPoolExecutor(6) as pool:
        let = list(pool.map(lambda _: throttle.attempt(store, "ann", "203.0.113.9", NOW), range(12)))
    assert sum(let) == throttle.PAIR


def test_replicas_agree_on_one_pepper(store: Store) -> None:
    """Whoever comes first makes it, all the others use it."""
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: pepper.of(store, {}), range(8)))
    assert len(found) == 1
    assert found != {Pepper(b"")}


@pytest.mark.parametrize("kind", ["user", "key", "identity"])
def test_a_name_is_taken_once(store: Store, kind: str) -> None:
    """Of many who make the same user or key at once one succeeds; who comes from a provider twice is one user."""
    desk = Desk(store, pepper.of(store), NOW, "203.0.113.9")

    def add(_: int) -> bool:
        try:
            if kind == "user":
                users.add(store, name="ann", role="viewer", by=LOCAL)
            elif kind == "key":
                keys.create(store, name="ann", role="viewer", by=LOCAL)
            else:
                login.with_identity(desk, issuer="https://id", subject="7", name="ann", role="viewer")
        except MonitorError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(add, range(8))) == (8 if kind == "identity" else 1)
    assert len(keys.listed(store) if kind == "key" else users.listed(store)) == 1
    assert audit.verify(store).broken_at is None
