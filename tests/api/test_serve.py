"""``monitor serve`` as a process: it answers, computes, reads its file again, and ends in time."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import yaml

from tests.api.conftest import write
from tests.service.conftest import START, World, empty_world, rows_of, truth_of

PATIENCE = 180.0
CALL = "import sys; from monitor.cli import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Give the log of one model and its monitor.yaml."""
    found = empty_world(tmp_path)
    rows = rows_of(6)
    found.predict(rows)
    found.label(truth_of(rows))
    write(found)
    return found


@contextmanager
def serving(world: World, *more: str) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    """Serve, until the end of the block or before."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    call = [sys.executable, "-c", CALL, "serve", "-c", str(world.folder / "monitor.yaml"), "--port", str(port), *more]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(call, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            yield process, client
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def until(true: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def answers(client: httpx.Client, path: str) -> bool:
    """Tell whether a path is answered with success."""
    try:
        return client.get(path).is_success
    except httpx.TransportError:
        return False


def windows(client: httpx.Client) -> set[str]:
    """Return when the windows begin that are computed."""
    return {one["start"] for one in client.get("/api/v1/models/m/windows").json()["items"]}


def test_serves_computes_and_ends(world: World) -> None:
    """It answers, a worker beside it computes what is due, SIGHUP takes a new model up, SIGTERM ends all of it."""
    with serving(world) as (process, client):
        until(lambda: answers(client, "/readyz"))
        until(lambda: f"{START:%Y-%m-%dT%H:%M:%SZ}" in windows(client))
        assert client.get("/dash/").is_success
        world.more = [{**world.model, "name": "other"}]
        write(world)
        process.send_signal(signal.SIGHUP)
        until(lambda: client.get("/api/v1/models").json()["items"][-1]["name"] == "other")
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=PATIENCE)
        assert time.monotonic() - begun < 30  # ten on an idle machine
        assert process.returncode == 0, said
        assert "Traceback" not in said


def test_serves_without_a_scheduler(world: World) -> None:
    """Nothing is computed, the models are known all the same, and a wrong file leaves the old one in force."""
    with serving(world, "--no-scheduler") as (process, client):
        until(lambda: answers(client, "/readyz"))
        file = world.folder / "monitor.yaml"
        file.write_text(yaml.safe_dump({"models": [{"name": "only"}]}), encoding="utf-8")
        process.send_signal(signal.SIGHUP)
        time.sleep(1.0)
        assert [one["name"] for one in client.get("/api/v1/models").json()["items"]] == ["m"]
        assert world.ledger() == []
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 0


def test_a_port_that_is_taken_is_said(world: World) -> None:
    """The address of somebody else ends it at once with a sentence."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with serving(world, "--no-scheduler", "--port", port) as (process, _):
            _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert f"cannot listen at 127.0.0.1 port {port}" in said
