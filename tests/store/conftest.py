"""Stores to test on: the same tests run on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text

from monitor.domain.window import Window
from monitor.store import migration, models
from monitor.store.engine import Store, open_store
from tests.blank import NAME, put_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

T0 = datetime(2013, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def durable_database(postgres_database: str) -> str:
    """Give a fresh PostgreSQL database that flushes its commits, as a store demands."""
    url = postgres_database.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        name = conn.execute(text("SELECT current_database()")).scalar_one()
        conn.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = on'))
    engine.dispose()
    return postgres_database


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of an empty database of each kind; with the tables in it if the test takes a ``store``."""
    tables = "store" in request.fixturenames
    if request.param == "sqlite":
        if tables:
            put_store(tmp_path)
        return f"sqlite:///{tmp_path}/{NAME}"
    url: str = request.getfixturevalue("postgres_store" if tables else "durable_database")
    return url


@pytest.fixture
def empty_store(store_url: str, tmp_path: Path) -> Iterator[Store]:
    """Give an open store without tables."""
    store = open_store(store_url, folder=tmp_path)
    yield store
    store.close()


@pytest.fixture
def store(empty_store: Store) -> Store:
    """Give an open store with its tables, which `store_url` has put there."""
    assert migration.revision(empty_store) == migration.HEAD
    return empty_store


@pytest.fixture
def model_id(store: Store) -> int:
    """Give a model in the store, called ``flights``."""
    with store.write() as conn:
        return models.register(conn, "flights", "{}", "first", T0).model_id


@pytest.fixture
def day() -> Window:
    """Give the first day of March."""
    return Window(T0, T0 + DAY)
