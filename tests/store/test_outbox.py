"""Notices go out in order, one receiver's at a time, held under a fence, and what dies can be tried again."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from monitor.alerts.entry import Entry as Line
from monitor.alerts.incident import Incident, dedup_key, noted
from monitor.alerts.ledger import Ledger
from monitor.store import clock, dead_letters, incidents, ledgers, outbox, receiver_states
from monitor.store.outbox import SECOND_HAND, Entry, Letter, Scope
from tests.store.conftest import DAY, T0

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from monitor.store.engine import Store

MINUTE = timedelta(minutes=1)


@pytest.fixture
def incident_id(store: Store, model_id: int) -> str:
    """Give an open incident of the model."""
    with store.write() as conn:
        return opened(conn, model_id)


def opened(conn: Connection, model_id: int, serial: int = 1, model: str = "flights") -> str:
    """Store an open incident."""
    key = dedup_key(model, serial, T0)
    found = Incident(model, model, key, serial, "open", 0, "warning", T0, T0, T0, ())
    saved = incidents.save(conn, model_id, noted(found, Line(T0, "opened")))
    assert saved is not None
    return saved.id


def entry(incident_id: str | None, seq: int, **more: Any) -> Entry:
    """Return a plain notice."""
    made: dict[str, Any] = {
        "id": f"{str(incident_id)[-16:]}-{more.get('receiver', 'team')}-{seq:07}", "incident_id": incident_id,
        "receiver": "team", "seq": seq, "kind": "opened" if seq == 1 else "updated", "message": "{}",
        "created_at": T0, "expires_at": T0 + DAY,
    }  # fmt: skip
    return Entry(**(made | more))


def scope(model_id: int, *receivers: str) -> Scope:
    """Return what a process with one model and some receivers may send."""
    return Scope([model_id], receivers or ("team",))


def taken(
    conn: Connection, whose: Scope, now: datetime = T0, receiver: str = "team", owner: str = "a"
) -> Letter | None:
    """Lease what a receiver is told next, for a minute."""
    found = outbox.head(conn, receiver, now, whose)
    return None if found is None else outbox.lease(conn, found, owner, now + MINUTE)


def test_a_number_is_entered_once(store: Store, incident_id: str) -> None:
    """The same incident, receiver and number again is no second notice."""
    with store.write() as conn:
        assert outbox.enter(conn, [entry(incident_id, 1), entry(incident_id, 2)]) == 2
        assert outbox.enter(conn, [entry(incident_id, 2, id="other"), entry(incident_id, 3)]) == 1


def test_notices_of_an_incident_go_in_order(store: Store, model_id: int, incident_id: str) -> None:
    """While an earlier notice waits or is being sent, the next one stays, and another incident's goes."""
    with store.write() as conn:
        other = opened(conn, model_id, 2)
        outbox.enter(conn, [entry(incident_id, 1), entry(incident_id, 2), entry(other, 1)])
        first, second = taken(conn, scope(model_id)), taken(conn, scope(model_id))
        assert first is not None
        assert second is not None
        assert {(one.incident_id, one.seq) for one in (first, second)} == {(incident_id, 1), (other, 1)}
        assert taken(conn, scope(model_id)) is None
        mine = first if first.incident_id == incident_id else second
        outbox.put_off(conn, mine, T0 + MINUTE / 2, 503, "HTTP 503")
        assert taken(conn, scope(model_id)) is None
        again = taken(conn, scope(model_id), T0 + MINUTE / 2)
        assert again is not None
        assert (again.id, again.attempts, again.last_status) == (mine.id, 2, 503)
        assert outbox.delivered(conn, again, T0 + MINUTE / 2)
        third = taken(conn, scope(model_id), T0 + MINUTE / 2)
        assert third is not None
        assert (third.incident_id, third.seq) == (incident_id, 2)


def test_a_stale_fence_settles_nothing(store: Store, model_id: int, incident_id: str) -> None:
    """A notice whose sender vanished is taken by another; the first one's word counts no more."""
    with store.write() as conn:
        outbox.enter(conn, [entry(incident_id, 1)])
        lost = taken(conn, scope(model_id))
        assert lost is not None
        assert taken(conn, scope(model_id), T0 + MINUTE / 2) is None
        found = taken(conn, scope(model_id), T0 + MINUTE, owner="b")
        assert found is not None
        assert (found.id, found.fence, found.attempts) == (lost.id, lost.fence + 1, 2)
        assert not outbox.delivered(conn, lost, T0)
        assert not outbox.bury(conn, lost, T0, 404, "HTTP 404")
        assert not outbox.put_off(conn, lost, T0, None, "timeout")
        assert outbox.delivered(conn, found, T0)
        assert not outbox.delivered(conn, found, T0)


def test_one_sender_a_receiver(store: Store) -> None:
    """Of many who ask at once, one gets a receiver; and after the lease another one may."""
    got: list[str] = []

    def ask(owner: str) -> None:
        with store.write() as conn:
            if receiver_states.take(conn, "team", owner, T0, T0 + MINUTE) is not None:
                got.append(owner)

    asking = [threading.Thread(target=ask, args=(str(number),)) for number in range(6)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert len(got) == 1
    with store.write() as conn:
        assert receiver_states.take(conn, "team", "late", T0 + MINUTE, T0 + 2 * MINUTE) is not None
        receiver_states.release(conn, "team", got[0])
        assert receiver_states.every(conn)["team"].owner == "late"


def test_a_receiver_that_fails_is_left_alone(store: Store) -> None:
    """After five failures in a row it is tried once a minute; one answer and all is forgotten."""
    with store.write() as conn:
        receiver_states.take(conn, "team", "a", T0, T0)
        opened_at = [receiver_states.failed(conn, "team", "timeout", T0) for _ in range(6)]
        assert opened_at == [False] * 4 + [True, False]
        assert receiver_states.take(conn, "team", "a", T0 + MINUTE / 2, T0 + MINUTE) is None
        assert receiver_states.take(conn, "team", "a", T0 + MINUTE, T0 + MINUTE) is not None
        assert receiver_states.answered(conn, "team")
        assert not receiver_states.answered(conn, "team")
        assert not receiver_states.failed(conn, "team", "HTTP 429", T0, T0 + 2 * MINUTE)
        assert receiver_states.take(conn, "team", "a", T0 + MINUTE, T0 + MINUTE) is None


def test_whose_notices_a_process_sends(store: Store, model_id: int, incident_id: str) -> None:
    """A process sends for its own models, and digests for its own receivers, never another file's notices."""
    with store.write() as conn:
        outbox.enter(
            conn,
            [entry(incident_id, 1), entry(incident_id, 1, receiver="gone"), entry(None, 1, receiver="lone", id="d")],
        )
        assert outbox.due(conn, T0, scope(model_id)) == ["gone", "team"]
        assert outbox.due(conn, T0, scope(model_id + 1)) == []
        assert outbox.due(conn, T0, scope(model_id + 1, "lone")) == ["lone"]
        assert outbox.due(conn, T0 - MINUTE, scope(model_id, "lone")) == []
        assert outbox.due(conn, T0 + DAY, scope(model_id, "lone"), T0 - MINUTE) == []
        receiver_states.take(conn, "team", "a", T0, T0 + MINUTE)
        assert outbox.due(conn, T0, scope(model_id)) == ["gone"]


def test_dead_letters_come_back(store: Store, model_id: int, incident_id: str) -> None:
    """They are listed and tried again singly or by range; one that was overtaken by newer word stays dead."""
    with store.write() as conn:
        outbox.enter(conn, [entry(incident_id, seq) for seq in (1, 2, 3)])
        for ends in (outbox.bury, outbox.delivered, outbox.bury):
            found = taken(conn, scope(model_id))
            assert found is not None
            assert ends(conn, found, T0, *((404, "HTTP 404") if ends is outbox.bury else ()))
        assert [one.seq for one in dead_letters.letters(conn)] == [3, 1]
        assert dead_letters.letters(conn, start=T0 + MINUTE) == []
        assert dead_letters.retry(conn, T0 + DAY, end=T0) == []
        again = dead_letters.retry(conn, T0 + 9 * DAY, receiver="team")
        assert again == [entry(incident_id, 3).id]
        found = taken(conn, scope(model_id), T0 + 9 * DAY)
        assert found is not None
        assert (found.seq, found.attempts, found.expires_at) == (3, 1, T0 + 10 * DAY)


def test_how_receivers_fare(store: Store, model_id: int, incident_id: str) -> None:
    """Counts by receiver tell what waits, what died, and for how long somebody should have been woken."""
    with store.write() as conn:
        assert dead_letters.oldest(conn) is None
        outbox.enter(conn, [entry(incident_id, 1, receiver="other"), entry(incident_id, 2, created_at=T0 - DAY)])
        fares = dead_letters.traffic(conn)
        assert (fares["other"].waiting, fares["other"].oldest, fares["team"].oldest) == (1, T0, None)
        assert dead_letters.oldest(conn) == T0
        found = taken(conn, scope(model_id), receiver="other")
        assert found is not None
        outbox.bury(conn, found, T0, None, "gone")
        assert (dead_letters.traffic(conn)["other"].dead, dead_letters.oldest(conn)) == (1, None)


def test_streams(store: Store, incident_id: str) -> None:
    """What is told at second hand is a stream of its own, in its own order."""
    with store.write() as conn:
        seqs = [1, 2, SECOND_HAND, SECOND_HAND + 1]
        outbox.enter(conn, [entry(incident_id, seq) for seq in reversed(seqs)])
        first = outbox.head(conn, "team", T0, Scope([], ["team"]))
        assert first is None
        [one, *_] = dead_letters.letters(conn, states=["queued"])
        assert [letter.seq for letter in outbox.stream(conn, one)] == [SECOND_HAND, SECOND_HAND + 1]


def test_ledgers_and_handles(store: Store, model_id: int, incident_id: str) -> None:
    """What a receiver was told and what it answered are kept beside each other, in any order."""
    with store.write() as conn:
        ledgers.keep_handle(conn, incident_id, "team", "C1:170.5")
        assert ledgers.told_open(conn, "team", [model_id]) == []
        ledgers.save(conn, incident_id, "team", Ledger("open", 3, "critical", frozenset({"a"})))
        ledgers.save(conn, incident_id, "mail", Ledger("resolved", 2))
    with store.read() as conn:
        assert ledgers.handle(conn, incident_id, "team") == "C1:170.5"
        assert ledgers.handle(conn, incident_id, "mail") is None
        assert ledgers.of_incident(conn, incident_id)["team"].members == {"a"}
        assert ledgers.told_open(conn, "team", [model_id]) == [incident_id]
        assert ledgers.told_open(conn, "team", []) == []
        assert ledgers.told_open(conn, "mail", [model_id]) == []
        assert clock.now(conn) > T0
