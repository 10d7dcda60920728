"""A store, models that need no log, and a worker that works until something is the case."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.config import Config, load
from monitor.scheduler.pace import Pace
from monitor.scheduler.worker import Worker
from monitor.store.engine import Store, open_store
from tests.blank import put_store
from tests.service.conftest import World, empty_world

HASTE = Pace(lease=20.0, renew=2.0, timeout=60.0, grace=5.0, tick=0.2, idle=0.05, pause=0.1)
DEADLINE = 300.0  # seconds, on a busy machine

Configure = Callable[..., Config]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Give an empty log of a binary model with daily windows and three days of reference."""
    return empty_world(tmp_path)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give an open SQLite store with its tables."""
    put_store(tmp_path)
    found = open_store("sqlite:///monitor.db", folder=tmp_path)
    yield found
    found.close()


@pytest.fixture
def configured(tmp_path: Path) -> Configure:
    """Give a function that writes a monitor.yaml of models which differ from a plain one in some keys."""

    def write(*models: dict[str, Any]) -> Config:
        predictions = {"table": "p", "id": "id", "time": "at", "prediction": "d", "score": "s"}
        plain = {
            "name": "m", "task": "binary", "source": {"url": "sqlite:///logs.db", "predictions": predictions},
            "reference": {"start": "2024-01-01", "end": "2024-01-08"}, "window": "1h",
        }  # fmt: skip
        file = tmp_path / "monitor.yaml"
        document = {"store": "sqlite:///monitor.db", "models": [plain | model for model in models or ({},)]}
        file.write_text(yaml.safe_dump(document), encoding="utf-8")
        return load(file)

    return write


@pytest.fixture
def unused_tcp_port() -> int:
    """Give a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def work(worker: Worker, until: Callable[[], bool]) -> None:
    """Let a worker work in a thread of its own until something is the case, then stop it and wait for its end."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            worker.run()
        except BaseException as error:  # noqa: BLE001 - told below, in the test's own thread
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    deadline = time.monotonic() + DEADLINE
    try:
        while not until() and not failed and time.monotonic() < deadline:
            worker.stopping.wait(0.05)
    finally:
        worker.stopping.set()
        thread.join(DEADLINE)
    assert not failed, failed
    assert not thread.is_alive()
    assert until(), "not within the deadline"


HOUR, DAY = timedelta(hours=1), timedelta(days=1)
