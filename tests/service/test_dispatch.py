"""Notices reach real endpoints on loopback, in order and once, or are given up and said to be so."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import update

from monitor.service.sending.dispatch import deliver, waiting
from monitor.service.sending.dispatcher import Dispatcher
from monitor.store import clock, dead_letters, receiver_states
from monitor.store.alert_tables import outbox
from tests.notify.conftest import served
from tests.service.post_office import Desk
from tests.store.conftest import durable_database

__all__ = ["durable_database"]  # a fixture that is used here

MINUTE = timedelta(minutes=1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Give a desk whose receivers are on a recording server."""
    with served() as recorder:
        made = Desk(tmp_path, recorder)
        yield made
        made.store.close()


def test_a_notice_says_what_when_how_sure_and_where_to_look(desk: Desk) -> None:
    """What comes over the wire has the words, the columns, the link, the runbook and the model's labels."""
    number = desk.open()
    assert desk.send() == 1
    [call] = desk.recorder.calls
    told = call.json["data"]
    assert call.json["subject"] == number
    assert call.json["id"] == call.headers["webhook-id"]
    assert (told["kind"], told["title"]) == ("opened", "m: x1 drifts")
    assert "Since 2024-01-01 00:00 UTC" in told["summary"]
    assert told["link"] == f"https://monitor.example.org/dash/incidents/{number}"
    assert (told["runbook"], told["labels"]) == ("https://wiki.example.org/m", {"team": "risk"})
    assert [mark["name"] for mark in told["columns"]] == ["x1"]
    [letter] = desk.letters("delivered")
    assert (letter.attempts, letter.receiver) == (1, "team")
    assert desk.send() == 0


def test_opened_then_resolved(desk: Desk) -> None:
    """Each is told once, in that order, under one key."""
    number = desk.open()
    desk.send()
    desk.resolve(number)
    desk.send()
    assert desk.kinds() == ["opened", "resolved"]
    assert len({call.json["data"]["dedup_key"] for call in desk.recorder.calls}) == 1


def test_over_before_anybody_could_be_told(desk: Desk) -> None:
    """Incidents that resolved while they waited are told in one digest, in place of two notices each."""
    for number in [desk.open() for _ in range(3)]:
        desk.resolve(number)
    desk.send()
    [call] = desk.recorder.calls
    assert call.json["data"]["kind"] == "digest"
    assert call.json["data"]["title"] == "3 incidents were not told at the time"
    assert all(f"x{number}" in call.json["data"]["summary"] for number in (1, 2, 3))
    assert len(desk.letters("cancelled")) == 6


def test_an_opening_that_may_have_arrived_is_followed_by_its_end(desk: Desk) -> None:
    """When nobody knows whether the opening arrived, nothing is left out."""
    desk.receive({"name": "team", "path": "/slow", "timeout": "1s"})
    number = desk.open()
    desk.send()
    assert "timeout" in (desk.letters("queued")[0].last_error or "")
    desk.resolve(number)
    desk.receive({"name": "team"})
    desk.hasten()
    desk.send()
    assert desk.kinds() == ["opened", "resolved"]


@pytest.mark.parametrize(
    ("path", "state", "status"),
    [
        ("/200", "delivered", None), ("/500", "queued", 500), ("/429", "queued", 429), ("/301", "dead", 301),
        ("/404", "dead", 404), ("/410", "dead", 410), ("/reset", "queued", None), ("/huge", "delivered", None),
    ],
)  # fmt: skip
def test_what_answers_mean(desk: Desk, path: str, state: str, status: int | None) -> None:
    """Some answers are final and some are tried again, with the same id, no sooner than was asked."""
    desk.receive({"name": "team", "path": path})
    desk.open()
    before = datetime.now(UTC)
    assert desk.send() == 1
    after = datetime.now(UTC)
    [letter] = desk.letters(state)
    assert letter.last_status == status
    if state != "queued":
        assert not waiting(desk.sender)
        return
    least, most = (110, 150) if status == 429 else (2, 7)
    assert before + timedelta(seconds=least) < letter.next_at < after + timedelta(seconds=most)
    desk.hasten()
    assert desk.send() == 1
    assert len({call.headers["webhook-id"] for call in desk.recorder.calls}) == 1


def test_the_fallback_is_told(desk: Desk) -> None:
    """What a receiver refuses goes to its fallback at once, the end of it too, and nobody hears an end alone."""
    desk.receive({"name": "team", "path": "/404", "fallback": "standin"}, {"name": "standin", "path": "/200"})
    number = desk.open()
    assert desk.send() == 2
    [told] = [call.json["data"] for call in desk.recorder.calls if call.path == "/200"]
    assert (told["kind"], told["reason"]) == ("opened", "delivery_failing")
    assert told["summary"].startswith("team could not be told (HTTP 404).")
    desk.resolve(number)
    desk.send()
    assert desk.kinds() == ["opened", "resolved"]
    assert desk.kinds("/404") == ["opened"]


def test_a_receiver_that_is_gone_or_silent(desk: Desk) -> None:
    """What is for a receiver that left the file, or that answered 410, is a dead letter without an attempt."""
    desk.receive({"name": "team", "path": "/410"})
    desk.open()
    desk.send()
    desk.open()
    desk.send()
    assert {one.last_error for one in desk.letters("dead")} == {
        "HTTP 410",
        "the receiver asked to be told nothing more",
    }
    assert len(desk.recorder.calls) == 1
    with desk.store.write() as conn:
        assert len(dead_letters.retry(conn, clock.now(conn))) == 2
    assert desk.send() == 2
    assert len(desk.recorder.calls) == 2
    desk.open()
    desk.receive({"name": "other"})
    desk.send()
    assert "no such receiver in monitor.yaml any more" in {one.last_error for one in desk.letters("dead")}


def test_the_breaker(desk: Desk) -> None:
    """After five failures a receiver is left alone; the first answer brings everything that waits."""
    desk.receive({"name": "team", "path": "/503"})
    for _ in range(7):
        desk.open()
    assert desk.send() == 5
    assert desk.send() == 0
    assert not waiting(desk.sender)
    desk.receive({"name": "team"})
    with desk.store.write() as conn:
        conn.execute(update(receiver_states.receiver_states).values(retry_at=None))
    assert deliver(desk.sender, "team")
    assert desk.send() == 6
    assert len(desk.kinds()) == 7


def test_late_notices_are_given_up(desk: Desk) -> None:
    """A notice that waited longer than its kind allows is dead, and can be brought back by hand."""
    desk.open()
    with desk.store.write() as conn:
        conn.execute(update(outbox).values(expires_at=clock.now(conn) - MINUTE))
    desk.send()
    [letter] = desk.letters("dead")
    assert (letter.last_error, desk.recorder.calls) == ("not told in time", [])
    with desk.store.write() as conn:
        assert dead_letters.retry(conn, clock.now(conn), ids=[letter.id]) == [letter.id]
    desk.send()
    assert desk.kinds() == ["opened"]


@pytest.fixture(params=["sqlite", "postgresql"])
def any_desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """Give a desk with a store of each kind."""
    url = "sqlite:///monitor.db" if request.param == "sqlite" else request.getfixturevalue("durable_database")
    with served() as recorder:
        made = Desk(tmp_path, recorder, url)
        yield made
        made.store.close()


def test_many_senders_tell_once(any_desk: Desk) -> None:
    """However many send at once, on either database, each notice goes out once and in order."""
    desk = any_desk
    numbers = [desk.open() for _ in range(10)]
    desk.send()
    for number in numbers:
        desk.resolve(number)
    run_together([partial(_drain, replace(desk.sender, owner=owner)) for owner in "abcd"])
    assert desk.kinds() == ["opened"] * 10 + ["resolved"] * 10
    assert len({call.headers["webhook-id"] for call in desk.recorder.calls}) == 20


def _drain(sender: Dispatcher) -> None:
    while waiting(sender):
        for receiver in waiting(sender):
            deliver(sender, receiver)


def run_together(tasks: list[Callable[[], None]]) -> None:
    """Run functions in threads and wait for all."""
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
