"""What was acknowledged is there: twenty threads push while the server is killed and started again."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest

from monitor.config import Config
from monitor.source import open_source
from tests.api.conftest import write
from tests.api.test_ingest import SOURCE
from tests.api.test_serve import answers, serving, until
from tests.service.conftest import START, empty_world

THREADS, BATCHES, ROWS = 20, 8, 25
PUSH = "/api/v1/predictions:batch?model=churn"


@dataclass
class Crowd:
    """Threads that push each their own rows until every batch is acknowledged."""

    url: str
    acknowledged: set[str] = field(default_factory=set)
    again: int = 0
    enough: threading.Event = field(default_factory=threading.Event)
    up: threading.Event = field(default_factory=threading.Event)

    def start(self) -> list[threading.Thread]:
        """Begin."""
        threads = [threading.Thread(target=self._push, args=(number,)) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        return threads

    def _push(self, number: int) -> None:
        with httpx.Client(base_url=self.url, timeout=30) as client:
            for batch in range(BATCHES):
                rows = [row(f"{number}-{batch}-{at}") for at in range(ROWS)]
                while not self._taken(client, rows):
                    self.again += 1
                    self.up.wait(60)
                self.acknowledged |= {str(each["id"]) for each in rows}
                if len(self.acknowledged) > THREADS * BATCHES * ROWS / 3:
                    self.enough.set()

    def _taken(self, client: httpx.Client, rows: list[dict[str, object]]) -> bool:
        try:
            return client.post(PUSH, json={"rows": rows}).status_code == 200
        except httpx.TransportError:
            return False


def row(name: str) -> dict[str, object]:
    """Make a row whose values follow from its id."""
    seed = sum(name.encode())
    at = START + timedelta(minutes=seed % 1_000)
    return {"id": name, "time": at.isoformat(), "score": seed % 97 / 97, "amount": seed, "place": "ABC"[seed % 3]}


def stored(config: Config) -> Counter[tuple[object, ...]]:
    """Count the rows that a run would read."""
    model = config.models[-1]
    source = open_source(model.source, columns=("amount", "place"), folder=config.folder, task="binary")
    names = ("id", "time", "score", "column:amount", "column:place")
    return Counter(tuple(each[name] for name in names) for batch in source.scan() for each in batch.to_pylist())


def wanted(ids: set[str]) -> Counter[tuple[object, ...]]:
    """Return what those rows must be."""
    return Counter(
        (each["id"], datetime.fromisoformat(str(each["time"])), each["score"], each["amount"], each["place"])
        for each in map(row, ids)
    )


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_kill_in_the_middle(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """After kill -9 every acknowledged row is there; after a restart and all retries, each row exactly once."""
    world = empty_world(tmp_path)
    world.more = [{"name": "churn", "task": "binary", "source": SOURCE}]
    store = "sqlite:///monitor.db"
    if kind == "postgresql":
        store = request.getfixturevalue("postgres_database")
        with psycopg.connect(store, autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {connection.info.dbname} SET synchronous_commit = on")
    config = write(world, store=store)
    with serving(world, "--no-scheduler") as (process, client):
        until(lambda: answers(client, "/readyz"))
        crowd = Crowd(str(client.base_url))
        threads = crowd.start()
        assert crowd.enough.wait(60)
        process.kill()
        process.wait()
        acknowledged = set(crowd.acknowledged)
        assert not wanted(acknowledged) - stored(config)
        port = str(client.base_url.port)
    with serving(world, "--no-scheduler", "--port", port) as (_, _):
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as asked:
            until(lambda: answers(asked, "/readyz"))
        crowd.up.set()
        for thread in threads:
            thread.join(120)
    everything = {f"{n}-{b}-{at}" for n in range(THREADS) for b in range(BATCHES) for at in range(ROWS)}
    assert crowd.again > 0
    assert crowd.acknowledged == everything
    assert stored(config) == wanted(everything)
