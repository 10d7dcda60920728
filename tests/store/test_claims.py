"""Work is leased to one worker at a time, in the order of need, and a stale fence writes nothing."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from monitor.domain.window import Window
from monitor.errors import StaleLeaseError
from monitor.store import breakers, due, model_counters, models, runs, settle
from monitor.store.claims import BACKLOG, FRESH, claim, reclaim
from monitor.store.lease import PREPARE, RETAIN, SWEEP, Lease, hold, renew
from monitor.store.runs import Outcome

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from monitor.store.engine import Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOURS = [Window(NOW - timedelta(hours=n + 1), NOW - timedelta(hours=n)) for n in range(4)]  # newest first


def _register(conn: Connection, name: str) -> tuple[int, int]:
    made = models.register(conn, name, "{}", name, NOW)
    return made.model_id, made.config_version_id


def _claim(store: Store, versions: list[int], now: datetime = NOW, owner: str = "a") -> Lease | None:
    with store.write() as conn:
        return claim(conn, owner, now, MINUTE, versions)


def _taken(store: Store, versions: list[int], now: datetime = NOW, owner: str = "a") -> Lease:
    found = _claim(store, versions, now, owner)
    assert found is not None
    return found


def _end(store: Store, lease: Lease, now: datetime = NOW) -> None:
    with store.write() as conn:
        if lease.run is None:
            settle.finish_chore(conn, lease, now, now + timedelta(days=1))
        else:
            settle.finish(conn, lease, Outcome(rows=1), now)


def test_the_order_of_need(store: Store) -> None:
    """A look at the log comes first, then the newest windows, late rows, revisions, the backlog, and tidying last."""
    with store.write() as conn:
        model, version = _register(conn, "m")
        for kind in (RETAIN, SWEEP, PREPARE):
            due.schedule(conn, model, kind, NOW)
        due.enter(conn, model, HOURS[:2], FRESH, NOW)
        due.enter(conn, model, HOURS[2:], BACKLOG, NOW)
        due.enter_revision(conn, model, HOURS[0], 1, "coverage", NOW)
    order = []
    while (lease := _claim(store, [version])) is not None:
        order.append(lease.kind if lease.run is None else (HOURS.index(lease.run.window), lease.run.revision))
        _end(store, lease)
    assert order == [PREPARE, (0, 0), (1, 0), SWEEP, (0, 1), (3, 0), (2, 0), RETAIN]


def test_a_model_is_worked_on_once(store: Store) -> None:
    """While one piece of a model's work is leased nobody gets another one, and models come in turn."""
    with store.write() as conn:
        made = [_register(conn, name) for name in ("a", "b")]
        for model, _ in made:
            due.enter(conn, model, HOURS, FRESH, NOW)
            due.schedule(conn, model, PREPARE, NOW)
    versions = [version for _, version in made]
    first, second = _taken(store, versions), _taken(store, versions)
    assert {first.model_id, second.model_id} == {model for model, _ in made}
    assert _claim(store, versions) is None
    _end(store, first)
    third = _taken(store, versions)
    assert (third.model_id, third.kind) == (first.model_id, "window")


def test_only_known_configurations_are_taken(store: Store) -> None:
    """A worker leaves alone what it has not read the configuration of, and models that are retired."""
    with store.write() as conn:
        (model, version), (other, second) = _register(conn, "a"), _register(conn, "b")
        for one in (model, other):
            due.enter(conn, one, HOURS[:1], FRESH, NOW)
        models.retire(conn, "b", NOW)
    assert _claim(store, [version + second + 1]) is None
    assert _claim(store, [second]) is None
    assert _taken(store, [version, second]).model_id == model


def test_a_stale_fence_writes_nothing(store: Store) -> None:
    """Who comes back after his lease was taken over can neither hold, renew, finish, fail nor give it back."""
    with store.write() as conn:
        model, version = _register(conn, "m")
        due.enter(conn, model, HOURS[:1], FRESH, NOW)
    old = _taken(store, [version])
    later = NOW + 2 * MINUTE
    with store.write() as conn:
        assert reclaim(conn, later) == 1
    new = _taken(store, [version], later, "b")
    assert new.fence == old.fence + 1
    for attempt in (
        lambda conn: hold(conn, old),
        lambda conn: settle.finish(conn, old, Outcome(), later),
        lambda conn: settle.fail(conn, old, "failed", "x", later),
        lambda conn: settle.died(conn, old, "x", later),
        lambda conn: settle.release(conn, old),
        lambda conn: settle.postpone(conn, old, later),
    ):
        with pytest.raises(StaleLeaseError), store.write() as conn:
            attempt(conn)
    with store.write() as conn:
        assert not renew(conn, old, later, MINUTE)
        assert renew(conn, new, later, MINUTE)
    _end(store, new, later)
    with store.read() as conn:
        assert [run.status for run in runs.history(conn, model)] == ["done"]
        assert model_counters.every(conn) == {model: {"lease_reclaims": 1}}


def test_an_expired_lease_may_still_commit_while_nobody_took_it(store: Store) -> None:
    """The fence decides, not the clock: a slow worker whose work nobody wanted keeps it."""
    with store.write() as conn:
        model, version = _register(conn, "m")
        due.enter(conn, model, HOURS[:1], FRESH, NOW)
    lease = _taken(store, [version])
    _end(store, lease, NOW + timedelta(hours=5))
    with store.read() as conn:
        assert runs.history(conn, model)[0].status == "done"


def test_attempts_back_off_and_end(store: Store) -> None:
    """A failed window is tried again after 30 s, 2 min and 10 min, then it stays failed; again makes it due."""
    with store.write() as conn:
        model, version = _register(conn, "m")
        due.enter(conn, model, HOURS[:1], FRESH, NOW)
    now, waits = NOW, []
    for _ in range(4):
        lease = _taken(store, [version], now)
        with store.write() as conn:
            settle.fail(conn, lease, "missing_table", "gone", now)
        with store.read() as conn:
            run = runs.history(conn, model)[0]
        if run.next_attempt_at is not None:
            waits.append((run.next_attempt_at - now).total_seconds())
            assert _claim(store, [version], run.next_attempt_at - timedelta(seconds=1)) is None
            now = run.next_attempt_at
    assert waits == [30, 120, 600]
    assert (run.status, run.attempts, run.error_state) == ("failed", 4, "missing_table")
    assert _claim(store, [version], now + timedelta(days=9)) is None
    with store.write() as conn:
        assert due.again(conn, model, ["missing_table"]) == 1
    assert _taken(store, [version], now).run is not None


def test_three_deaths_quarantine_a_window(store: Store) -> None:
    """The third death of the computing process ends the attempts; a worker that vanished never counts."""
    with store.write() as conn:
        model, version = _register(conn, "m")
        due.enter(conn, model, HOURS[:1], FRESH, NOW)
    now = NOW
    for vanished in range(5):
        _taken(store, [version], now)
        now += 2 * MINUTE
        with store.write() as conn:
            assert reclaim(conn, now) == 1, vanished
    for last in (False, False, True):
        lease = _taken(store, [version], now)
        with store.write() as conn:
            assert settle.died(conn, lease, "killed", now) is last
        now += 2 * MINUTE
    with store.read() as conn:
        assert runs.history(conn, model)[0].status == "quarantined"
    assert _claim(store, [version], now) is None


def test_a_broken_source_is_left_alone_but_for_one_probe(store: Store) -> None:
    """After three failures no model of the source is taken, then one is, as a probe, until it answers."""
    with store.write() as conn:
        made = [_register(conn, name) for name in ("a", "b", "c")]
        for model, _ in made:
            breakers.attach(conn, model, "here" if model != made[2][0] else "there")
            due.enter(conn, model, HOURS[:1], FRESH, NOW)
        assert [breakers.failed(conn, "here", "unreachable", "x", NOW) for _ in range(3)] == [False, False, True]
    versions = [version for _, version in made]
    assert _taken(store, versions).model_id == made[2][0]
    assert _claim(store, versions) is None
    later = NOW + timedelta(seconds=31)
    probe = _taken(store, versions, later)
    assert _claim(store, versions, later) is None
    with store.write() as conn:
        assert breakers.answered(conn, "here", later)
        assert not breakers.answered(conn, "here", later)
    assert _taken(store, versions, later).model_id not in {probe.model_id, made[2][0]}


def test_entering_again_changes_nothing(store: Store) -> None:
    """Any replica may enter what is due, any number of times; skipped windows are counted once."""
    with store.write() as conn:
        model, _ = _register(conn, "m")
        assert due.enter(conn, model, HOURS[:2], FRESH, NOW) == 2
        assert due.enter(conn, model, HOURS[:3], BACKLOG, NOW) == 1
        assert due.skip(conn, model, HOURS, NOW) == 1
        assert due.skip(conn, model, HOURS, NOW) == 0
        due.advance(conn, model, HOURS[0].end)
        due.advance(conn, model, HOURS[2].end)
        stored = models.find(conn, "m")
        assert stored is not None
        assert stored.materialised_until == HOURS[0].end
        assert model_counters.every(conn) == {model: {"windows_skipped": 1}}


def test_many_claim_at_once(store: Store) -> None:
    """Of many that claim at the same time each piece goes to exactly one."""
    with store.write() as conn:
        made = [_register(conn, f"m{n}") for n in range(6)]
        for model, _ in made:
            due.enter(conn, model, HOURS, FRESH, NOW)
    versions = [version for _, version in made]
    done: list[tuple[int, int]] = []

    def work(owner: str) -> None:
        while True:
            with store.write() as conn:
                lease = claim(conn, owner, NOW, MINUTE, versions)
            if lease is None or lease.run is None:
                with store.read() as conn:
                    left = runs.history(conn, statuses=("due", "leased"))
                if not left:
                    return
                continue
            _end(store, lease)
            done.append((lease.run.id, lease.fence))

    hands = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert len(done) == len({run for run, _ in done}) == 24
    assert {fence for _, fence in done} == {1}
