"""One scheduler on a SQLite store at a time; PostgreSQL takes as many as one likes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from monitor.errors import StoreError
from monitor.scheduler.lock import sole_scheduler
from monitor.store.engine import Store, build_engine


def test_the_second_is_refused(store: Store) -> None:
    """Who comes second is told which process works already and what to do instead."""
    with sole_scheduler(store):
        second = sole_scheduler(store)
        with pytest.raises(StoreError, match=f"Another scheduler \\(process {os.getpid()}\\)") as refused:
            second.__enter__()
        assert "PostgreSQL" in (refused.value.hint or "")
    with sole_scheduler(store):
        pass  # free again


def test_the_dead_hold_nothing(store: Store) -> None:
    """The lock goes with the process that held it; the file it leaves behind locks nobody out."""
    child = os.fork()
    if child == 0:
        with sole_scheduler(store):
            os._exit(0)
    os.waitpid(child, 0)
    assert Path(f"{store.path}.scheduler").read_text() == str(child)
    with sole_scheduler(store):
        assert Path(f"{store.path}.scheduler").read_text() == str(os.getpid())


def test_postgresql_takes_many() -> None:
    """Leases keep schedulers apart there: nothing is locked, no server is asked."""
    url = make_url("postgresql+psycopg://nobody@nowhere/none")
    store = Store(url, build_engine(url))
    with sole_scheduler(store), sole_scheduler(store):
        pass
