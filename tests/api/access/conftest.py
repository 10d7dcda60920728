"""A store with nobody in it yet, and people who may be let in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.service import pepper
from monitor.service.pepper import Pepper
from monitor.store import migration
from monitor.store.engine import Store, open_store


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Give an open store with its tables."""
    monkeypatch.delenv(pepper.VARIABLE, raising=False)
    found = open_store("sqlite:///monitor.db", folder=tmp_path)
    migration.upgrade(found)
    yield found
    found.close()


@pytest.fixture
def salt(store: Store) -> Pepper:
    """Give what secrets are proved by."""
    return pepper.of(store, {})
