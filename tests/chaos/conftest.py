"""Databases that keep what they acknowledge, as a store demands."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy.engine import make_url


@pytest.fixture
def durable(postgres_database: str) -> str:
    """Give an empty PostgreSQL database that flushes its commits."""
    name = make_url(postgres_database).database
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = on")
    return postgres_database
