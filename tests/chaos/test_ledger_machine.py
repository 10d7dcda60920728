"""The ledger against a small model of it, whatever order ticks, claims, pauses, crashes and late rows come in.

Hypothesis plays three workers, a `monitor run` beside them, a log that changes and a clock that jumps.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection, func, select

from monitor.domain.measurement import Measurement
from monitor.domain.model import Model
from monitor.domain.window import Window
from monitor.errors import StaleLeaseError
from monitor.service.alarms.judged import Judged
from monitor.service.job import Job
from monitor.service.measuring.measure import Measured
from monitor.service.windows import compute
from monitor.service.windows.catch_up import plan
from monitor.service.windows.materialise import enter
from monitor.store import alert_tables, changes, due, measurements, migration, models, runs, settle, tables
from monitor.store.claims import claim, reclaim
from monitor.store.engine import Store, open_store
from monitor.store.lease import Lease, hold, renew
from monitor.store.runs import Outcome

# Far ahead of the real clock, so that `monitor run` never finds a lease expired that is not.
BEGIN = datetime(2100, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEASE = timedelta(minutes=1)
NAMES = ("a", "b")
WINDOWS = 3
MOST = 2  # revisions that the sweep here makes; how many there may be is judged elsewhere
ENDED = ("done", "failed", "quarantined")

PLACE = st.integers(0, 11)  # which of those there are, counted round and round

Key = tuple[str, Window, int]


@dataclass
class Entry:
    """What the model knows of one revision of a window."""

    status: str = "due"
    fence: int = 0
    until: datetime | None = None
    ready: datetime | None = None
    attempts: int = 0
    deaths: int = 0
    content: int | None = None


@dataclass
class Hand:
    """A worker that holds a lease, and what it has read of the log so far."""

    lease: Lease
    key: Key
    content: int | None = None


@cache
def _store() -> Store:
    """Open one store for all examples: the statements it has put together stay ready."""
    folder = Path(tempfile.mkdtemp(prefix="monitor-ledger-", dir=_quick()))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    store = open_store("sqlite:///store.db", folder=folder)
    migration.upgrade(store)
    with store.write() as conn:
        for name in NAMES:
            models.register(conn, name, "{}", name, BEGIN)
    return store


def _emptied(store: Store) -> Store:
    with store.write() as conn:
        for table in (
            alert_tables.verdicts,
            tables.measurements,
            tables.changes,
            tables.runs,
            tables.chores,
            tables.model_counters,
        ):
            conn.execute(table.delete())
        conn.execute(tables.counters.update().values(value=0))
        conn.execute(tables.models.update().values(claimed_at=None, materialised_until=None))
    return store


def _quick() -> str | None:
    """Return a disk in memory where there is one: durability is not what is tested here."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


class Ledger(RuleBasedStateMachine):
    """The real ledger on SQLite, beside dictionaries."""

    def __init__(self) -> None:
        super().__init__()
        self.store = _emptied(_store())
        with self.store.read() as conn:
            stored = {name: models.find(conn, name) for name in NAMES}
        self.ids = {name: one.id for name, one in stored.items() if one is not None}
        self.names = {number: name for name, number in self.ids.items()}
        self.versions = [one.config_version_id for one in stored.values() if one and one.config_version_id]
        self.now = BEGIN
        self.known: dict[Key, Entry] = {}
        self.log: dict[tuple[str, Window], int] = {}
        self.hands: dict[int, Hand] = {}
        self.commits = 0

    def teardown(self) -> None:
        """Work everything off as undisturbed workers would, and look whether all of it is there, once."""
        self.drain()

    # -- what happens -------------------------------------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        """Start with a window that is due."""
        self.tick()

    @rule()
    def tick(self) -> None:
        """Let an hour pass and enter every window that came due, twice, as two replicas would."""
        self.now += HOUR
        ended = [
            Window(BEGIN + n * HOUR, BEGIN + (n + 1) * HOUR)
            for n in range(min(WINDOWS, int((self.now - BEGIN) / HOUR)))
        ]
        for _ in range(2):
            with self.store.write() as conn:
                for number in self.ids.values():
                    enter(conn, number, plan(ended, self.now, delay=timedelta(0)), self.now)
        for name in NAMES:
            for window in ended:
                self.known.setdefault((name, window, 0), Entry())
                self.log.setdefault((name, window), 0)

    @rule(worker=st.integers(0, 2))
    def claim(self, worker: int) -> None:
        """Let a worker ask for work: it gets some exactly when the model says that there is any."""
        if worker in self.hands:
            return
        possible = self.claimable()
        with self.store.write() as conn:
            found = claim(conn, f"w{worker}", self.now, LEASE, self.versions)
        assert (found is None) == (not possible), (found, possible)
        if found is None:
            return
        assert found.run is not None
        key = self.names[found.model_id], found.run.window, found.run.revision
        entry = self.known[key]
        assert key in possible
        assert found.fence == entry.fence + 1
        entry.status, entry.fence, entry.until = "leased", found.fence, self.now + LEASE
        self.hands[worker] = Hand(found, key)

    @precondition(lambda self: self.hands)
    @rule(place=PLACE)
    def compute(self, place: int = 0) -> None:
        """Let a worker read the log; what comes later is not in it."""
        hand = self.hands[self.pick(place)]
        hand.content = self.log[hand.key[:2]]

    @precondition(lambda self: self.hands)
    @rule(place=PLACE)
    def renew(self, place: int = 0) -> None:
        """Let a worker renew, which works exactly while the work is its own."""
        hand = self.hands[self.pick(place)]
        with self.store.write() as conn:
            kept = renew(conn, hand.lease, self.now, LEASE)
        assert kept == self.owns(hand)
        if kept:
            self.known[hand.key].until = self.now + LEASE

    @precondition(lambda self: any(hand.content is not None for hand in self.hands.values()))
    @rule(place=PLACE)
    def commit(self, place: int = 0) -> None:
        """Let a worker commit, which works exactly while the work is its own, and then whole."""
        ready = sorted(worker for worker, hand in self.hands.items() if hand.content is not None)
        self.finish(self.hands.pop(ready[place % len(ready)]))

    @precondition(lambda self: self.hands)
    @rule(place=PLACE, ending=st.sampled_from(["release", "fail", "died"]))
    def give_up(self, place: int, ending: str) -> None:
        """Let a worker give its work back, fail, or bury its child."""
        hand = self.hands.pop(self.pick(place))
        entry, owned = self.known[hand.key], self.owns(hand)
        with self.expected(owned), self.store.write() as conn:
            if ending == "release":
                settle.release(conn, hand.lease)
            elif ending == "fail":
                settle.fail(conn, hand.lease, "failed", "x", self.now)
            else:
                settle.died(conn, hand.lease, "x", self.now)
        if not owned:
            return
        entry.status, entry.until = "due", None
        if ending == "fail":
            entry.attempts += 1
            self.put_off(entry, entry.attempts, len(settle.BACKOFF) + 1, "failed")
        elif ending == "died":
            entry.deaths += 1
            self.put_off(entry, 1 if entry.deaths < settle.DEATHS else settle.DEATHS, settle.DEATHS, "quarantined")

    @precondition(lambda self: self.hands)
    @rule(place=PLACE)
    def crash(self, place: int = 0) -> None:
        """Let a worker vanish; nobody tells the ledger."""
        del self.hands[self.pick(place)]

    @rule(seconds=st.sampled_from([5, 59, 61, 700]), found=st.booleans())
    def pause(self, seconds: int, found: bool) -> None:
        """Let time pass while workers stand still, past their leases or not, and somebody notice or not."""
        self.now += timedelta(seconds=seconds)
        if found:
            self.reclaim()

    @rule(minutes=st.integers(1, 90))
    def jump_back(self, minutes: int) -> None:
        """Set the database's clock back."""
        self.now -= timedelta(minutes=minutes)

    @rule()
    def reclaim(self) -> None:
        """Make due again what expired leases held."""
        expired = [
            e for e in self.known.values() if e.status == "leased" and e.until is not None and e.until <= self.now
        ]
        with self.store.write() as conn:
            assert reclaim(conn, self.now) == len(expired)
        for entry in expired:
            entry.status, entry.until = "due", None

    @precondition(lambda self: self.log)
    @rule(place=PLACE)
    def late_rows(self, place: int = 0) -> None:
        """Late rows come, or labels are corrected: the log of a window is another one."""
        self.log[sorted(self.log)[place % len(self.log)]] += 1

    @rule()
    def sweep(self) -> None:
        """Windows whose log has changed since they were measured get a revision that is due."""
        for (name, window), content in self.log.items():
            last = max(key[2] for key in self.known if key[:2] == (name, window))
            entry = self.known[name, window, last]
            if entry.status == "done" and entry.content != content and last < MOST:
                with self.store.write() as conn:
                    args = conn, self.ids[name], window, last + 1, "late_rows", self.now
                    assert due.enter_revision(*args)
                    assert not due.enter_revision(*args)
                self.known[name, window, last + 1] = Entry()

    @precondition(lambda self: self.known)
    @rule(place=PLACE)
    def run_beside(self, place: int = 0) -> None:
        """`monitor run` computes a window by itself; it takes what is due or failed, never what a worker holds."""
        key = sorted(self.known)[place % len(self.known)]
        entry = self.known[key]
        name, window, revision = key
        with self.store.write() as conn:
            run_id = runs.insert_done(conn, self.ids[name], window, revision, Outcome(rows=1), now=self.now)
            assert (run_id is None) == (entry.status in ("done", "leased"))
            if run_id is not None:
                content = self.log[key[:2]]
                measurements.insert_many(conn, self.ids[name], run_id, [_measurement(key, content)])
                changes.append(conn, [changes.Change(self.ids[name], "window", self.now, window, revision, run_id)])
                entry.status, entry.content = "done", content
                self.commits += 1

    # -- what must hold -----------------------------------------------------------------------------------------------

    @invariant()
    def the_ledger_is_the_model(self) -> None:
        """Every revision has the state that the model says; a model has one lease at most; the feed has no gap."""
        with self.store.read() as conn:
            found = {(self.names[r.model_id], r.window, r.revision): (r.status, r.fence) for r in runs.history(conn)}
            numbers = conn.execute(select(func.count(), func.max(tables.changes.c.seq))).one()
        assert found == {key: (entry.status, entry.fence) for key, entry in self.known.items()}
        held = [key[0] for key, (status, _) in found.items() if status == "leased"]
        assert len(held) == len(set(held))
        assert (numbers[0], numbers[1] or 0) == (self.commits, self.commits)

    def drain(self) -> None:
        """Finish everything and look at the values."""
        self.hands.clear()
        self.now = max([self.now, BEGIN + 10 * HOUR, *(e.until for e in self.known.values() if e.until)])
        for _ in range(MOST + 1):
            self.now += HOUR
            self.reclaim()
            while self.claimable():
                self.claim(0)
                hand = self.hands.pop(0)
                hand.content = self.log[hand.key[:2]]
                self.finish(hand)
            self.sweep()
        self.the_ledger_is_the_model()
        assert all(entry.status in ENDED for entry in self.known.values())
        with self.store.read() as conn:
            stored = {
                (m.model, m.window_start, m.revision): m.value for m in measurements.query(conn, all_revisions=True)
            }
        told = {(n, w.start, r): float(e.content or 0) for (n, w, r), e in self.known.items() if e.status == "done"}
        assert stored == told
        for (name, window), content in self.log.items():
            last = max(key[2] for key in self.known if key[:2] == (name, window))
            entry = self.known[name, window, last]
            assert entry.content == content or last == MOST or entry.status != "done"

    # -- how --------------------------------------------------------------------------------------------------------

    def claimable(self) -> list[Key]:
        """Return what the model says may be claimed now."""
        busy = {key[0] for key, entry in self.known.items() if entry.status == "leased"}
        return [
            key
            for key, entry in self.known.items()
            if entry.status == "due" and key[0] not in busy and (entry.ready is None or entry.ready <= self.now)
        ]

    def owns(self, hand: Hand) -> bool:
        """Tell whether the work is still a worker's own."""
        entry = self.known[hand.key]
        return entry.status == "leased" and entry.fence == hand.lease.fence

    def finish(self, hand: Hand) -> None:
        """Commit by the very code that workers commit with."""
        run, owned = hand.lease.run, self.owns(hand)
        assert run is not None
        job = _job(self.store, hand)
        measured = Measured(
            run.window, Outcome(rows=1, closed=True), [_measurement(hand.key, hand.content)], unversioned=False
        )
        with self.expected(owned):
            compute.commit(job, hand.lease, run, measured, Judged(run.window))
        if owned:
            entry = self.known[hand.key]
            entry.status, entry.until, entry.content = "done", None, hand.content
            self.commits += 1

    def put_off(self, entry: Entry, number: int, most: int, end: str) -> None:
        """Note when the work may be tried again, or that it may not."""
        entry.ready = self.now + settle.BACKOFF[number - 1] if number < most else None
        entry.status = "due" if number < most else end

    def pick(self, place: int) -> int:
        """Choose one of the workers that hold something."""
        return sorted(self.hands)[place % len(self.hands)]

    @contextmanager
    def expected(self, owned: bool) -> Iterator[None]:
        """Demand that a worker whose work is not its own any more is told so, and no other."""
        if owned:
            yield
        else:
            with pytest.raises(StaleLeaseError):
                yield


def _measurement(key: Key, content: int | None) -> Measurement:
    name, window, revision = key
    return Measurement(name, window.start, window.end, "row_count", float(content or 0), 1, revision=revision)


def _job(store: Store, hand: Hand) -> Job:
    nothing = cast("Any", None)
    model = Model(hand.key[0], "binary", {})
    rest = dict.fromkeys(("config", "folder", "source", "calendar", "progress", "config_version_id"), nothing)
    times = dict.fromkeys(("now", "clock", "first", "last"), BEGIN)
    guard = lambda conn: hold(conn, hand.lease)  # noqa: E731
    return Job(model=model, store=store, model_id=hand.lease.model_id, guard=guard, **rest, **times)


QUICK = settings(
    max_examples=500, stateful_step_count=15, deadline=None, print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)  # fmt: skip


def test_ledger_machine() -> None:
    """No order of events loses a window, computes one twice, or lets a stale worker write."""
    run_state_machine_as_test(Ledger, settings=QUICK)


def test_the_machine_sees_a_dropped_fence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: whoever had the row may write, whatever its fence. The model knows better."""

    def loose(self: Lease) -> Any:
        return tables.runs.c.id == (self.run.id if self.run else None)

    machine = Ledger()
    machine.tick()
    machine.claim(0)
    machine.compute()
    machine.pause(61, found=True)
    machine.claim(1)
    monkeypatch.setattr(Lease, "mine", property(loose))
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        machine.commit(place=0)


def test_the_machine_sees_two_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a window is marked done in one transaction, and the process dies before its measurements come."""

    def torn(conn: Connection, *_: object) -> int:
        conn.commit()
        raise StaleLeaseError("planted")

    machine = Ledger()
    machine.tick()
    machine.claim(0)
    machine.compute()
    with monkeypatch.context() as planted:
        planted.setattr(measurements, "insert_many", torn)
        with pytest.raises(StaleLeaseError):
            machine.commit()
    with pytest.raises(AssertionError):
        machine.the_ledger_is_the_model()
