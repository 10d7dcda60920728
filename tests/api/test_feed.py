"""The change feed under many writers: every change once, in order, none skipped, on a database that lets them race."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from monitor.api.app import as_principal, create
from monitor.domain.principal import LOCAL
from monitor.service.apply import apply
from monitor.service.backend import Backend
from monitor.service.opening import opened
from monitor.store import changes, models
from monitor.store.changes import Change
from monitor.store.engine import Store
from tests.api.asgi import Asgi
from tests.api.conftest import write
from tests.service.conftest import empty_world

WRITERS, EACH, READERS = 8, 12, 4


@pytest.fixture
def durable(postgres_database: str) -> str:
    """Give a database that keeps what it acknowledges."""
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {make_url(postgres_database).database} SET synchronous_commit = on")
    return postgres_database


def append(store: Store, number: int) -> None:
    """Append changes in transactions that take a while, some of which come to nothing."""
    chance = random.Random(number)
    for i in range(EACH):
        try:
            with store.write() as conn:
                model = models.find(conn, "m")
                assert model is not None
                time.sleep(chance.random() * 0.02)
                changes.append(conn, [Change(model.id, "window", datetime.now(UTC))])
                time.sleep(chance.random() * 0.02)
                if i % 4 == 3:
                    raise RuntimeError("taken back")  # noqa: TRY301 - a transaction that fails
        except RuntimeError:
            continue


def read(client: Asgi, total: int, done: threading.Event) -> list[int]:
    """Follow the feed from its beginning until all has been told."""
    seen: list[int] = []
    cursor = None
    while len(seen) < total:
        more, over = {} if cursor is None else {"cursor": cursor}, done.is_set()
        told = client.get("/api/v1/changes", params={"wait": 1, "limit": 7} | more).json()
        if over and not told["items"]:
            break
        seen += [one["seq"] for one in told["items"]]
        cursor = told["cursor"]
    return seen


def test_everything_once_and_in_order(tmp_path: Path, durable: str) -> None:
    """Eight who write with delays before their commits, four who read meanwhile: each reads all, in order."""
    config = write(empty_world(tmp_path), store=durable)
    with opened(config, writing=True) as store:
        apply(config, store, datetime.now(UTC))
        # An application each, as in a process each: what keeps crowds in order there belongs to one loop.
        apps = [create(Backend(store, lambda: config), access=as_principal(LOCAL)) for _ in range(READERS)]
        total, done = WRITERS * EACH * 3 // 4, threading.Event()
        with ThreadPoolExecutor(WRITERS + READERS) as pool:
            readers = [pool.submit(read, Asgi(app), total, done) for app in apps]
            for writer in [pool.submit(append, store, number) for number in range(WRITERS)]:
                writer.result()
            done.set()
            found = [reader.result() for reader in readers]
    assert found == [list(range(1, total + 1))] * READERS
