"""Fifty clients claim every recommendation at once from two processes: each is claimed once.

``MONITOR_RACE=long`` races for 200 recommendations instead of 20.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from urllib.parse import urlsplit

import pytest
import yaml

from monitor.domain.window import Window
from monitor.store import migration, models, recommendations
from monitor.store.engine import open_store
from tests.store.conftest import DAY, T0, durable_database, store_url
from tests.store.test_recommendations import age, fresh

__all__ = ["durable_database", "store_url"]  # fixtures that are used here

CLIENTS = 50
NUMBERS = 200 if os.environ.get("MONITOR_RACE") == "long" else 20
SERVE = """
import sys
from pathlib import Path
from monitor.api.app import as_principal, create
from monitor.api.server import Place, Server
from monitor.config import load
from monitor.domain.principal import LOCAL
from monitor.service.backend import Backend
from monitor.service.opening import opened
config = load(Path(sys.argv[1]))
with opened(config, writing=True) as store:
    server = Server(Place(port=0))
    print(server.listen(), flush=True)
    server.start(create(Backend(store, lambda: config), access=as_principal(LOCAL)))
    sys.stdin.read()
    server.stop()
"""


@contextmanager
def served(file: Path, processes: int = 2) -> Iterator[list[str]]:
    """Give the addresses of processes that serve one store."""
    command = [sys.executable, "-c", SERVE, str(file)]
    hands = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(processes)
    ]
    try:
        yield [hand.stdout.readline().strip() for hand in hands if hand.stdout]
    finally:
        for hand in hands:
            hand.communicate()


def claims(url: str, client: int, numbers: list[str], start: Barrier) -> list[tuple[int, str]]:
    """Claim everything, each client beginning elsewhere; return status and claim or kind of problem."""
    found = []
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
    start.wait()
    for i in range(len(numbers)):
        number = numbers[(i + client // 10) % len(numbers)]
        body = json.dumps({"claimant": f"c{client}", "run_id": "1", "ttl_s": 600})
        path = f"/api/v1/retraining-recommendations/{number}/claim"
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        told = json.loads(answer.read())
        found.append((answer.status, told["claim_id"] if answer.status == 201 else told["type"].rpartition(":")[2]))
    connection.close()
    return found


@pytest.fixture
def numbers(store_url: str, tmp_path: Path) -> Iterator[list[str]]:
    """Give recommendations of as many models, and a monitor.yaml for their store."""
    predictions = {"id": "a", "time": "b", "score": "c"}
    model = {"name": "m", "task": "binary", "source": {"url": "ingest://", "predictions": predictions}}
    (tmp_path / "monitor.yaml").write_text(yaml.safe_dump({"store": store_url, "models": [model]}), encoding="utf-8")
    store = open_store(store_url, folder=tmp_path)
    migration.upgrade(store)
    made = [f"rec_{i}" for i in range(NUMBERS)]
    day = Window(T0, T0 + DAY)
    with store.write() as conn:
        for number in made:
            model_id = models.register(conn, f"m{number}", "{}", "first", T0).model_id
            assert recommendations.open_(conn, model_id, fresh(number, day))
    yield made
    store.close()


def test_each_is_claimed_once(numbers: list[str], store_url: str, tmp_path: Path) -> None:
    """One 201 for each recommendation, 409 for everybody else; who reports after his claim has run out gets 409."""
    start = Barrier(CLIENTS)
    with served(tmp_path / "monitor.yaml") as urls:
        with ThreadPoolExecutor(CLIENTS) as pool:
            done = [pool.submit(claims, urls[i % 2], i, numbers, start) for i in range(CLIENTS)]
        answers = [answer for one in done for answer in one.result()]
        won = [claim for status, claim in answers if status == 201]
        assert len(set(won)) == NUMBERS
        assert Counter((status, kind) for status, kind in answers if status != 201) == {
            (409, "already-claimed"): NUMBERS * (CLIENTS - 1)
        }
        store = open_store(store_url, folder=tmp_path)
        age(store)
        store.close()
        connection = http.client.HTTPConnection(urlsplit(urls[0]).netloc, timeout=60)
        late = json.dumps({"fence": 1, "outcome": "deployed"})
        path = f"/api/v1/retraining-claims/{won[0]}/complete"
        connection.request("POST", path, late, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        told = json.loads(answer.read())
        connection.close()
    assert (answer.status, told["type"].rpartition(":")[2]) == (409, "claim-lost")
