"""What serving code logs: it arrives, or it is counted; serving never waits and never fails of it."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import threading
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest

from monitor.client import AsyncClient, Client, Stats
from tests.client.conftest import FakeMonitor

AT = datetime(2026, 11, 20, 5, tzinfo=UTC)


def test_rows_arrive(monitor: FakeMonitor) -> None:
    """Predictions and outcomes go to their addresses, as the columns that monitor.yaml maps."""
    with Client(monitor.url, "mm_key", "fraud eu/1", exit_timeout=60, version="v7", interval=60) as client:
        assert client.log("p1", {"amount": 12.5, "place": None}, prediction=1, score=0.81, time=AT, latency_ms=3)
        assert client.truth("p1", 0, time="2026-11-21T00:00:00Z")
        assert client.flush(60)
        assert client.stats == Stats(sent=2)
    path = "/api/v1/predictions:batch?model=fraud%20eu%2F1"
    assert monitor.asked[0] == (path, "Bearer mm_key", 1)
    assert monitor.rows == [
        {
            "id": "p1", "time": "2026-11-20T05:00:00+00:00", "version": "v7", "prediction": 1, "score": 0.81,
            "amount": 12.5, "place": None, "latency_ms": 3,
        },
        {"id": "p1", "time": "2026-11-21T00:00:00Z", "target": 0},
    ]  # fmt: skip
    assert monitor.connections == 1


def test_columns_have_the_names_of_the_configuration(monitor: FakeMonitor) -> None:
    """Roles are written under the names that monitor.yaml gives them, a score of each class under its own."""
    names = {"id": "prediction_id", "time": "at", "score": {"cat": "p_cat"}, "target": "happened"}
    with Client(monitor.url, None, "m", exit_timeout=60, columns=names) as client:
        client.log(7, score={"cat": 0.25, "dog": 0.75}, time=1_700_000_000)
        client.truth(7, "cat", time=1_700_000_000)
    at = "2023-11-14T22:13:20+00:00"
    assert monitor.rows == [
        {"prediction_id": 7, "at": at, "p_cat": 0.25, "score_dog": 0.75},
        {"prediction_id": 7, "at": at, "happened": "cat"},
    ]
    assert monitor.asked[0][1] is None


def test_values_of_numpy_and_the_library(monitor: FakeMonitor) -> None:
    """What models give is written as what it stands for; features may change after they were logged."""
    features = {"a": np.float32(0.5), "b": np.int64(3), "c": np.bool_(True), "d": Decimal("1.5"), "e": AT.date()}
    with Client(monitor.url, None, "m", exit_timeout=60) as client:
        client.log("p", features, score=np.float64(0.1), time=AT)
        features["a"] = np.float32(9)
    assert monitor.rows[0] | {"id": "", "time": ""} == {
        "id": "", "time": "", "score": 0.1, "a": 0.5, "b": 3, "c": True, "d": 1.5, "e": "2026-11-20",
    }  # fmt: skip


@pytest.mark.parametrize(
    "features", [{"x": object()}, {"id": 1}, {"x": {1, 2}}, [1], 5, {"x": float("inf"), "y": [[object()]]}]
)
def test_nothing_that_is_logged_raises(monitor: FakeMonitor, features: object) -> None:
    """A row that cannot be logged or written is counted as refused, and told; the others arrive."""
    with Client(monitor.url, None, "m", exit_timeout=60) as client:
        client.log("bad", features)  # type: ignore[arg-type]
        client.log("good")
        client.flush(60)
        assert client.stats == Stats(sent=1, refused=1)
    assert [row["id"] for row in monitor.rows] == ["good"]


@pytest.mark.parametrize("status", [500, 503, 429, 408, 401])
def test_what_may_pass_is_tried_again(monitor: FakeMonitor, status: int) -> None:
    """Rows wait while the monitor is not able or not willing, for as long as it asks."""
    monitor.script = [(status, {"retry-after": "0"}, {"detail": "not now"})] * 3
    with Client(monitor.url, None, "m", exit_timeout=60) as client:
        client.log("p")
        assert client.flush(60)
        assert client.stats == Stats(sent=1, failures=3)
    assert len(monitor.asked) == 4


def test_what_is_refused_is_counted(monitor: FakeMonitor, caplog: pytest.LogCaptureFixture) -> None:
    """Rows that the monitor does not take are not sent again, and it is said why, once a minute."""
    errors = [{"index": 0, "field": "amount", "detail": "is text"}]
    monitor.script = [(207, {}, {"accepted": 1, "rejected": 1, "errors": errors}), (422, {}, {"detail": "no rows"})]
    with caplog.at_level(logging.WARNING, "monitor.client"), Client(monitor.url, None, "m", exit_timeout=60) as client:
        client.log("a")
        client.log("b")
        client.flush(60)
        client.log("c")
        client.flush(60)
        assert client.stats == Stats(sent=1, refused=2)
    assert [record.message for record in caplog.records] == ["1 rows were refused, the first: amount is text"]


def test_batches_that_are_too_large_are_halved(monitor: FakeMonitor) -> None:
    """A body that is too large comes again in two."""
    monitor.script = [(413, {}, {})] * 2
    with Client(monitor.url, None, "m", exit_timeout=60, interval=60, batch=8, queue=8) as client:
        for number in range(8):
            client.log(number)
        client.flush(60)
        assert client.stats == Stats(sent=8)
    assert [number for _, _, number in monitor.asked] == [8, 4, 2, 2, 4]
    assert [row["id"] for row in monitor.rows] == list(range(8))


@pytest.mark.parametrize(("drop", "kept"), [("newest", range(10)), ("oldest", range(15, 25))])
def test_a_full_queue_drops_and_counts(monitor: FakeMonitor, drop: str, kept: range) -> None:
    """While the monitor does not answer, the queue holds so many rows and not one more."""
    monitor.gate.clear()
    client = Client(monitor.url, None, "m", exit_timeout=60, interval=0.01, batch=1, queue=10, drop=drop)  # type: ignore[arg-type]
    client.log("first")
    until(lambda: client.stats.waiting == 1 and len(client._buffer) == 0)
    taken = [client.log(number) for number in range(25)]
    assert taken == ([True] * 10 + [False] * 15 if drop == "newest" else [True] * 25)
    assert client.stats == Stats(waiting=11, dropped=15)
    monitor.gate.set()
    assert client.close(20)
    assert [row["id"] for row in monitor.rows] == ["first", *kept]
    assert client.stats == Stats(sent=11, dropped=15)
    assert client.log("late") is False
    assert client.stats == Stats(sent=11, dropped=16)


def until(true: object) -> None:
    """Wait for something that another thread does."""
    waited = threading.Event()
    for _ in range(2_000):
        if true():  # type: ignore[operator]
            return
        waited.wait(0.005)
    raise AssertionError("it never came true")


def test_every_row_is_counted_once(monitor: FakeMonitor) -> None:
    """Twenty threads log while the monitor stumbles: each row arrives once, none is lost or made up."""
    monitor.script = [(503, {"retry-after": "0"}, {}), (200, {}, {})] * 5
    with Client(monitor.url, None, "m", exit_timeout=60, interval=0.01, batch=50, queue=100_000) as client:
        threads = [
            threading.Thread(target=lambda n=number: [client.log(f"{n}-{i}") for i in range(200)])
            for number in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert client.flush(30)
        assert (client.stats.sent, client.stats.waiting, client.stats.dropped) == (4_000, 0, 0)
    assert len({row["id"] for row in monitor.rows}) == len(monitor.rows) == 4_000


def test_a_connection_that_was_closed_meanwhile(monitor: FakeMonitor, caplog: pytest.LogCaptureFixture) -> None:
    """A monitor ends connections that nobody uses: that is no failure, and no warning."""
    monitor.script = [(200, {"x-bye": "1"}, {"accepted": 1})]
    with Client(monitor.url, None, "m", interval=0.01) as client:
        client.log("a")
        assert client.flush(10)
        client.log("b")
        assert client.flush(10)
        assert (client.stats.sent, client.stats.failures, monitor.connections) == (2, 0, 2)
    assert not caplog.records


def test_a_monitor_that_is_not_there(monitor: FakeMonitor) -> None:
    """Serving goes on at once; at the end it is told that rows are lost."""
    port = monitor.server_address[1]
    monitor.shutdown()
    monitor.server_close()
    client = Client(f"http://127.0.0.1:{port}", None, "m", interval=0.01)
    assert client.log("p")
    assert client.flush(0.1) is False
    assert client.close(0) is False
    until(lambda: client.stats.dropped == 1)
    assert client.stats.sent == 0


def test_asynchronous(monitor: FakeMonitor) -> None:
    """In an event loop logging does not wait, and waiting is awaited."""

    async def serve() -> Stats:
        async with AsyncClient(monitor.url, None, "m", exit_timeout=60, interval=60) as client:
            assert client.log("p", score=0.1)
            assert client.truth("p", 1)
            assert await client.flush(60)
            return client.stats

    assert asyncio.run(serve()) == Stats(sent=2)


ENDS = """
import sys
from monitor.client import Client
client = Client(sys.argv[1], None, "m", interval=60, exit_timeout=60)
client.log("from the end")
"""
FORKS = """
import os, sys
from monitor.client import Client
client = Client(sys.argv[1], None, "m", interval=60, exit_timeout=60)
client.log("parent")
children = []
for number in range(3):
    child = os.fork()
    if not child:
        client.log(f"child {number}")
        sys.exit(0 if client.flush(60) and client.stats.sent == 1 else 1)
    children.append(child)
assert all(os.waitpid(child, 0)[1] == 0 for child in children)
"""


@pytest.mark.parametrize(
    ("script", "ids"), [(ENDS, ["from the end"]), (FORKS, ["child 0", "child 1", "child 2", "parent"])]
)
def test_processes_end_and_fork(monitor: FakeMonitor, script: str, ids: list[str]) -> None:
    """What waits when a process ends is sent; a fork sends its own rows and none of its parent's."""
    command = [sys.executable, "-c", script, monitor.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(row["id"] for row in monitor.rows) == ids


def test_serving_code_loads_little() -> None:
    """Importing the client loads no database, no frame and no web framework."""
    code = "import sys, monitor.client; print(sorted({n.partition('.')[0] for n in sys.modules} & set(sys.argv[1:])))"
    heavy = ["numpy", "pandas", "pyarrow", "sqlalchemy", "pydantic", "httpx", "structlog", "asyncio_heavy"]
    done = subprocess.run([sys.executable, "-c", code, *heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("url", "more"),
    [("ftp://x", {}), ("nowhere", {}), ("http://x", {"batch": 5_001}), ("http://x", {"queue": 0}),
     ("http://x", {"drop": "all"})],
)  # fmt: skip
def test_wrong_settings_are_told_at_once(url: str, more: dict[str, object]) -> None:
    """A client that could never work is not made."""
    with pytest.raises(ValueError, match=r"is not https|above 0"):
        Client(url, None, "m", **more)  # type: ignore[arg-type]
