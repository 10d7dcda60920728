"""A store with nobody in it yet, and people who may be let in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from monitor.service.access import passwords, pepper
from monitor.service.access.pepper import Pepper
from monitor.store.engine import Store, open_store
from tests.api.access.house import House
from tests.blank import put_store


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Give an open store with its tables."""
    monkeypatch.delenv(pepper.VARIABLE, raising=False)
    put_store(tmp_path)
    found = open_store("sqlite:///monitor.db", folder=tmp_path)
    yield found
    found.close()


@pytest.fixture
def salt(store: Store) -> Pepper:
    """Give what secrets are proved by."""
    return pepper.of(store, {})


@pytest.fixture
def house(store: Store, salt: Pepper) -> House:
    """Give a whole application behind the guard, in which nobody is set up yet."""
    return House(store, salt)


@pytest.fixture(autouse=True, scope="session")
def _cheap_passwords() -> Iterator[None]:
    """Let Argon2 be fast: what it costs is not what is looked at here."""
    dear, passwords._hasher = passwords._hasher, lambda: PasswordHasher(1, 8, 1)  # type: ignore[assignment]
    passwords._nobodys.cache_clear()
    yield
    passwords._hasher = dear
    passwords._nobodys.cache_clear()
