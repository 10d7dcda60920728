"""The ledger: each revision of each window once, whoever tries and how often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from monitor.domain.window import Window
from monitor.store import runs
from monitor.store.runs import Outcome
from monitor.store.tables import runs as table

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from monitor.store.engine import Store

T0 = datetime(2013, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def _window(day: int) -> Window:
    return Window(T0 + day * DAY, T0 + (day + 1) * DAY)


def _done(conn: Connection, model_id: int, day: int, revision: int = 0, hours: int = 0) -> int | None:
    now = T0 + timedelta(days=40, hours=hours)
    return runs.insert_done(conn, model_id, _window(day), revision, Outcome(rows=7), now=now)


def test_done_run_comes_back_whole(store: Store, model_id: int) -> None:
    """Everything a run rests on is stored with it."""
    outcome = Outcome(
        digest="abc", rows=2**40, labelled=3, coverage=0.25, provisional=True, in_reference=True, cause="late"
    )
    with store.write() as conn:
        number = runs.insert_done(conn, model_id, _window(0), 2, outcome, now=T0 + DAY, started_at=T0)
        assert number is not None
        run = runs.get(conn, number)
    assert run is not None
    assert (run.window, run.revision, run.status, run.outcome) == (_window(0), 2, "done", outcome)
    assert (run.created_at, run.started_at, run.finished_at, run.fence) == (T0 + DAY, T0, T0 + DAY, 0)


def test_second_insert_gets_nothing(store: Store, model_id: int) -> None:
    """A window that is done is not entered again; another revision or window is."""
    with store.write() as conn:
        assert _done(conn, model_id, 0) is not None
        assert _done(conn, model_id, 0) is None
        assert _done(conn, model_id, 0, revision=1) is not None
        assert _done(conn, model_id, 1) is not None


def _race(store: Store, model_id: int, enter: object) -> list[object]:
    barrier, won = Barrier(4), []

    def work() -> None:
        barrier.wait()
        with store.write() as conn:
            won.append(enter(conn, model_id, 0))  # type: ignore[operator]

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return won


def test_one_of_four_threads_wins(store: Store, model_id: int) -> None:
    """Four threads that enter the same windows at once win each exactly once."""
    for day in range(5):
        won = _race(store, model_id, lambda conn, model, _, day=day: _done(conn, model, day))
        assert sum(number is not None for number in won) == 1
    with store.read() as conn:
        assert len(runs.latest(conn, model_id)) == 5


def test_twin_without_the_conflict_clause_loses(store: Store, model_id: int) -> None:
    """A plain insert is stopped by the unique key: the promise does not hang on our code alone."""

    def naive(conn: Connection, model: int, day: int) -> bool:
        window = _window(day)
        row = {"model_id": model, "window_start": window.start, "window_end": window.end, "status": "done"}
        try:
            with conn.begin_nested():
                conn.execute(insert(table).values(**row, revision=0, created_at=T0))
        except IntegrityError:
            return False
        return True

    assert sorted(_race(store, model_id, naive), key=bool) == [False, False, False, True]


def test_failure_is_counted_and_then_cured(store: Store, model_id: int) -> None:
    """A failed window keeps its fault and counts attempts until it is done; then it cannot fail."""
    fault = {"state": "unreachable", "error": "no answer", "now": T0 + DAY}
    with store.write() as conn:
        first = runs.insert_failed(conn, model_id, _window(0), 0, **fault)
        assert runs.insert_failed(conn, model_id, _window(0), 0, **fault, next_attempt_at=T0 + 2 * DAY) == first
        assert first is not None
        run = runs.get(conn, first)
        assert run is not None
        assert (run.status, run.attempts, run.error_state, run.error) == ("failed", 2, "unreachable", "no answer")
        assert run.next_attempt_at == T0 + 2 * DAY
        assert runs.latest(conn, model_id) == []
        assert _done(conn, model_id, 0) == first
        run = runs.get(conn, first)
        assert run is not None
        assert (run.status, run.error_state, run.error, run.next_attempt_at) == ("done", None, None, None)
        assert runs.insert_failed(conn, model_id, _window(0), 0, **fault) is None


def test_leased_window_is_left_alone(store: Store, model_id: int) -> None:
    """A window that a worker holds can be entered by nobody else."""
    with store.write() as conn:
        number = runs.insert_failed(conn, model_id, _window(0), 0, state="timeout", error="", now=T0)
        conn.execute(update(table).where(table.c.id == number).values(status="leased", fence=1))
        assert _done(conn, model_id, 0) is None
        assert runs.insert_failed(conn, model_id, _window(0), 0, state="timeout", error="", now=T0) is None


def test_one_lease_a_model(store: Store, model_id: int) -> None:
    """The database itself refuses a second leased window of a model."""
    with store.write() as conn:
        for day in range(2):
            runs.insert_failed(conn, model_id, _window(day), 0, state="timeout", error="", now=T0)
    with pytest.raises(IntegrityError), store.write() as conn:
        conn.execute(update(table).values(status="leased"))


@pytest.mark.parametrize("change", [{"status": "lost"}, {"window_end": T0}, {"model_id": 10**9}])
def test_nonsense_is_refused(change: dict[str, object], store: Store, model_id: int) -> None:
    """Unknown statuses, windows that end before they start and unknown models are refused."""
    row = {"model_id": model_id, "window_start": T0, "window_end": T0 + DAY, "status": "due", "created_at": T0}
    with pytest.raises(IntegrityError), store.write() as conn:
        conn.execute(insert(table).values(row | change))
    with store.read() as conn:
        assert conn.execute(select(table.c.id)).first() is None


def test_latest_revision_counts(store: Store, model_id: int) -> None:
    """The newest done revision of each window is given, a failed later one does not hide it."""
    with store.write() as conn:
        ids = [_done(conn, model_id, 0, r, hours=r) for r in range(3)] + [_done(conn, model_id, 1)]
        runs.insert_failed(conn, model_id, _window(0), 3, state="timeout", error="", now=T0)
    with store.read() as conn:
        assert [run.id for run in runs.latest(conn, model_id)] == ids[2:]
        assert [run.id for run in runs.latest(conn, model_id, T0, T0 + DAY)] == [ids[2]]
        assert [run.id for run in runs.latest(conn, model_id, T0 + DAY)] == [ids[3]]
        then = T0 + timedelta(days=40, hours=1)
        assert [run.id for run in runs.latest(conn, model_id, as_of=then)] == [ids[1], ids[3]]
        assert runs.latest(conn, model_id, as_of=T0) == []
        last = runs.last(conn, model_id)
        assert last is not None
        assert last.id == ids[3]
        assert runs.last(conn, model_id + 1) is None


def test_history_and_tally(store: Store, model_id: int) -> None:
    """The whole ledger is given newest first, by status, by interval, and counted."""
    with store.write() as conn:
        _done(conn, model_id, 0)
        _done(conn, model_id, 0, 1)
        _done(conn, model_id, 2)
        runs.insert_failed(conn, model_id, _window(1), 0, state="timeout", error="slow", now=T0)
    with store.read() as conn:
        every = runs.history(conn)
        assert [(r.window.start, r.revision) for r in every] == [
            (T0 + 2 * DAY, 0), (T0 + DAY, 0), (T0, 1), (T0, 0)
        ]  # fmt: skip
        assert runs.history(conn, model_id, limit=2) == every[:2]
        assert [r.error for r in runs.history(conn, model_id, statuses=["failed"])] == ["slow"]
        assert runs.history(conn, start=T0 + DAY, end=T0 + 2 * DAY) == [every[1]]
        assert runs.tally(conn) == {model_id: {"done": 3, "failed": 1}}
