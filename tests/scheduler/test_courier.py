"""The courier tells everybody at once, in order and in time, and loses nothing when it is killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from monitor import failpoints
from monitor.scheduler.courier import Courier
from monitor.scheduler.pace import Pace
from monitor.service.enlist import Roll
from monitor.service.sending.repeating import repeat
from monitor.service.sending.sign_of_life import ill, sign_of_life
from monitor.store import clock, dead_letters, receiver_states
from monitor.store.alert_tables import outbox
from monitor.store.engine import open_store
from monitor.telemetry import logger
from tests.notify.conftest import served
from tests.service.post_office import Desk

PACE = Pace(grace=3.0, tick=0.2, idle=0.05, pause=0.1)
MINUTE = timedelta(minutes=1)
DEADLINE = 300.0


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Give a desk whose receivers are on a recording server."""
    with served() as recorder:
        made = Desk(tmp_path, recorder)
        yield made
        made.store.close()


def courier(desk: Desk, stopping: threading.Event) -> Courier:
    """Make a courier in a hurry."""
    roll = Roll(desk.config, {desk.model_id: desk.config.models[0]}, frozenset())
    return Courier("a", desk.store, lambda: roll, stopping, logger(), PACE)


@contextmanager
def working(desk: Desk) -> Iterator[threading.Event]:
    """Let a courier work until the block ends."""
    stopping = threading.Event()
    thread = threading.Thread(target=courier(desk, stopping).run)
    thread.start()
    try:
        yield stopping
    finally:
        stopping.set()
        thread.join(DEADLINE)
        assert not thread.is_alive()


def wait_for(condition: Callable[[], object]) -> float:
    """Look until something holds; return how long that took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < DEADLINE, "not within the deadline"
        threading.Event().wait(0.05)
    return time.monotonic() - began


def test_a_slow_receiver_delays_no_other(desk: Desk) -> None:
    """While one receiver takes its time for every notice, another has all of its own within seconds."""
    desk.receive({"name": "slow", "path": "/slow", "timeout": "2s"}, {"name": "fast", "path": "/200"})
    with working(desk):
        for _ in range(40):
            desk.open()
        wait_for(lambda: len(desk.letters("delivered")) == 40)
    fast, slow = (sum(call.path == path for call in desk.recorder.calls) for path in ("/200", "/slow"))
    taken = sorted(
        (one.settled_at - one.created_at).total_seconds() for one in desk.letters("delivered") if one.settled_at
    )
    print(f"fast beside slow: median {taken[20]:.2f} s, p99 {taken[-1]:.2f} s")  # noqa: T201 - pytest shows it with -rP
    assert {one.receiver for one in desk.letters("delivered")} == {"fast"}
    assert fast == 40
    assert slow < 40  # one after the other, each would have waited for a slow one


def test_everything_breaks_at_once(desk: Desk) -> None:
    """Fifty columns of two hundred models breach in one tick: one notice an incident and receiver, all told in time."""
    desk.receive({"name": "team", "path": "/200"}, {"name": "oncall", "path": "/201"})
    for _ in range(200):
        desk.open(columns=50)
    with working(desk):
        took = wait_for(lambda: len(desk.letters("delivered")) == 400)
    print(f"400 notices of 10 000 columns delivered in {took:.1f} s")  # noqa: T201 - pytest shows it with -rP
    told = Counter((call.json["subject"], call.path) for call in desk.recorder.calls)
    assert len(told) == 400
    assert set(told.values()) == {1}
    assert all(len(call.body) < 20_000 for call in desk.recorder.calls)
    first = desk.recorder.calls[0].json["data"]
    assert (len(first["columns"]), first["more"], first["title"]) == (5, 45, "m: 50 columns drift")


def _live(folder: Path, point: str, fatal: int) -> None:
    """Be a courier that kills itself when it passes a failpoint for so many times."""
    passed = Counter[str]()

    def hook(name: str) -> None:
        passed[name] += 1
        if name == point and passed[name] == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    failpoints.arm(hook)
    with served() as unused:
        desk = Desk.again(folder, unused)
        courier(desk, threading.Event()).run()


@pytest.mark.parametrize("point", ["notice claimed", "notice sent"])
def test_killed_between_commit_and_send(desk: Desk, point: str) -> None:
    """Couriers killed again and again lose nothing, keep the order, and tell what they were at twice at most."""
    numbers = [desk.open() for _ in range(4)]
    desk.send()
    for number in numbers:
        desk.resolve(number)
    desk.recorder.calls.clear()
    desk.store.close()
    fork = multiprocessing.get_context("fork")
    kills = 0
    while kills < 3:
        child = fork.Process(target=_live, args=(desk.folder, point, 2))
        child.start()
        child.join(DEADLINE)
        assert child.exitcode == -signal.SIGKILL
        kills += 1
        _expire(desk)
    with working(desk):
        wait_for(lambda: len(desk.letters("delivered")) == 8)
    told = Counter(call.headers["webhook-id"] for call in desk.recorder.calls)
    assert len(told) == 4
    assert set(told.values()) <= {1, 2}
    assert sum(told.values()) == 4 + (kills if point == "notice sent" else 0)


def _expire(desk: Desk) -> None:
    """Let every lease end now."""
    with desk.store.write() as conn:
        now = clock.now(conn)
        conn.execute(update(outbox).where(outbox.c.lease_until.is_not(None)).values(lease_until=now))
        states = receiver_states.receiver_states
        conn.execute(update(states).where(states.c.lease_until.is_not(None)).values(lease_until=now))
    desk.store.close()  # the next courier is forked, and must not inherit what SQLite holds


def test_it_stops_in_time(desk: Desk) -> None:
    """A courier asked to stop while a receiver is slow ends within its grace; what it was at is told later."""
    desk.receive({"name": "team", "path": "/slow", "timeout": "30s"})
    desk.open()
    with working(desk) as stopping:
        wait_for(lambda: desk.recorder.calls)
        began = time.monotonic()
        stopping.set()
    print(f"stopped after {time.monotonic() - began:.1f} s")  # noqa: T201 - pytest shows it with -rP
    [letter] = desk.letters("leased")
    assert (letter.attempts, letter.last_error) == (1, None)  # nobody waited to see how it ends
    desk.recorder.over.set()


def test_alertmanager_is_told_again(desk: Desk) -> None:
    """An open incident is posted again and again, one that is over no more, and never while the end is on its way."""
    desk.receive({"name": "am", "type": "alertmanager", "path": ""})
    first, second = desk.open(), desk.open()
    desk.send()
    assert len(desk.recorder.calls) == 2
    assert repeat(desk.sender, "am") == 2
    desk.resolve(first)
    assert repeat(desk.sender, "am") == 1
    desk.send()
    again = desk.recorder.calls[-2].json[0]["labels"]["incident"]
    assert second.endswith(again)
    with desk.store.write() as conn:
        receiver_states.take(conn, "am", "b", clock.now(conn), clock.now(conn) + MINUTE)
    assert repeat(desk.sender, "am") == 0


def test_the_sign_of_life(desk: Desk) -> None:
    """It is sent once a period by one replica, and not while somebody who should be woken waits."""
    desk.heartbeat = {"url": desk.recorder.url("/beat"), "allow_private": True}
    desk.receive()
    every = timedelta(seconds=60)
    assert sign_of_life(desk.sender, every=every) is None
    assert sign_of_life(replace(desk.sender, owner="b"), every=every) == "another replica has sent one"
    assert [call.path for call in desk.recorder.calls] == ["/beat"]
    desk.open()
    with desk.store.write() as conn:
        receiver_states.release(conn, "/heartbeat", "a")
        conn.execute(update(outbox).values(created_at=clock.now(conn) - 6 * MINUTE))
    why = sign_of_life(desk.sender, every=every)
    assert why is not None
    assert why.startswith("a notice has waited since")
    desk.send()
    with desk.store.read() as conn:
        assert ill(desk.sender, clock.now(conn)) is None
        assert dead_letters.oldest(conn) is None
    assert sign_of_life(desk.sender, every=every) is None


def test_a_courier_repeats_and_beats(desk: Desk) -> None:
    """Without being asked it tells an Alertmanager again what is open, and sends the sign of life."""
    desk.heartbeat = {"url": desk.recorder.url("/beat"), "allow_private": True}
    desk.receive({"name": "am", "type": "alertmanager", "path": ""})
    desk.open()
    desk.send()
    with working(desk):
        wait_for(lambda: len(desk.recorder.calls) == 3)
    assert sorted(call.path for call in desk.recorder.calls) == ["/api/v2/alerts", "/api/v2/alerts", "/beat"]


def test_the_sign_of_life_stops_with_the_store(desk: Desk, tmp_path: Path) -> None:
    """A store that takes no write stops it, and a heartbeat that does not arrive is said."""
    desk.heartbeat = {"url": desk.recorder.url("/500"), "allow_private": True}
    desk.receive()
    assert sign_of_life(desk.sender, every=MINUTE) == "it did not arrive: HTTP 500"
    from monitor.errors import StoreError

    broken = open_store("sqlite:///empty.db", folder=tmp_path)
    with pytest.raises(StoreError):
        sign_of_life(replace(desk.sender, store=broken), every=MINUTE)
    broken.close()
