"""How far ledgers have come, their newest values and their chores' faults, on both databases."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, event, insert, select

from monitor.domain.measurement import Measurement
from monitor.domain.window import Window
from monitor.store import due, measurements, models, newest, progress, runs, settle, troubles
from monitor.store.claims import BACKLOG, FRESH, claim
from monitor.store.engine import Store
from monitor.store.progress import Progress
from monitor.store.runs import Outcome
from monitor.store.tables import chores
from monitor.store.troubles import Trouble
from tests.store.conftest import DAY, T0

HOUR = timedelta(hours=1)


def day(number: int) -> Window:
    """Return a day counted from the first of March."""
    return Window(T0 + number * DAY, T0 + (number + 1) * DAY)


def done(
    conn: Connection, model_id: int, number: int, revision: int = 0, value: float | None = None, **of: bool
) -> int:
    """Enter a day as done, with ten rows and the key metric's value."""
    outcome = Outcome(rows=10, **of)
    run_id = runs.insert_done(conn, model_id, day(number), revision, outcome, now=T0 + number * DAY + revision * HOUR)
    assert run_id is not None
    of_day = "flights", day(number).start, day(number).end
    found = Measurement(*of_day, "roc_auc", value, 10, reason="why" if value is None else None)
    measurements.insert_many(conn, model_id, run_id, [found, Measurement(*of_day, "row_count", 10.0, 10)])
    return run_id


def test_nothing_yet(store: Store, model_id: int) -> None:
    """A model without a ledger is not there."""
    with store.read() as conn:
        assert progress.every(conn) == {}
        assert progress.sizes(conn) == {}
        assert newest.newest_values(conn, {model_id: ("flights", "roc_auc")}) == {}


def test_the_latest_revisions_count(store: Store, model_id: int) -> None:
    """Of each window the latest revision that is done counts, whatever became of earlier and later ones."""
    with store.write() as conn:
        done(conn, model_id, 0, provisional=True)
        done(conn, model_id, 0, 1)
        done(conn, model_id, 0, 2, provisional=True)
        done(conn, model_id, 1, provisional=True)
        done(conn, model_id, 1, 1)
        done(conn, model_id, 2)
        due.enter_revision(conn, model_id, day(2), 1, "late_rows", T0)
        other = models.register(conn, "other", "{}", "d", T0).model_id
        done(conn, other, 5)
    with store.read() as conn:
        found = progress.every(conn)
        assert progress.sizes(conn) == {model_id: 7, other: 1}
        assert [progress.every(conn, [one]) for one in found] == [{one: found[one]} for one in found]
        assert progress.every(conn, []) == {}
    mine = found[model_id]
    assert (mine.windows, mine.provisional, mine.rows) == (3, 1, 30)
    assert mine.last is not None
    assert (mine.last.window, mine.last.revision, mine.settled_until) == (day(2), 0, day(2).end)
    assert mine.succeeded_at == T0 + 2 * DAY
    assert (mine.waiting, mine.revisions, mine.oldest_due) == ({}, {"due": 1}, None)
    assert (found[other].windows, found[other].rows) == (1, 10)


def test_what_is_not_done(store: Store, model_id: int) -> None:
    """What waits, is being computed, was given up or skipped is counted, with the oldest end and the next try."""
    with store.write() as conn:
        done(conn, model_id, 0)
        due.enter(conn, model_id, [day(1), day(2)], BACKLOG, T0)
        due.enter(conn, model_id, [day(3)], FRESH, T0)
        due.skip(conn, model_id, [day(4), day(5)], T0)
        stored = models.get(conn, model_id)
        assert stored is not None
        lease = claim(conn, "w", T0, HOUR, {stored.config_version_id or 0})
        assert lease is not None
        settle.fail(conn, lease, "timeout", "slow", T0)
        assert claim(conn, "w", T0, HOUR, {stored.config_version_id or 0}) is not None
        assert progress.backlog(conn) == 1
        found = progress.every(conn)[model_id]
    assert found.waiting == {"due": 2, "leased": 1, "skipped": 2}
    assert (found.oldest_due, found.settled_until) == (day(1).end, day(5).end)
    assert found.next_attempt_at == T0 + timedelta(seconds=30)


def test_a_ledger_with_nothing_done(store: Store, model_id: int) -> None:
    """A model whose windows are only due has progress too."""
    with store.write() as conn:
        due.enter(conn, model_id, [day(1)], FRESH, T0)
        assert progress.every(conn) == {model_id: Progress(waiting={"due": 1}, oldest_due=day(1).end)}


def test_the_newest_value(store: Store, model_id: int) -> None:
    """The newest window that has a value gives it; a later revision that has none hides what it replaced."""
    with store.write() as conn:
        other = models.register(conn, "other", "{}", "d", T0).model_id
        done(conn, model_id, 0, value=0.7)
        done(conn, model_id, 1, value=0.5)
        done(conn, model_id, 1, 1, value=0.6, in_reference=True)
        done(conn, model_id, 2, value=0.9)
        done(conn, model_id, 2, 1)
        done(conn, model_id, 3)
        done(conn, other, 1)
        wanted = {model_id: ("flights", "roc_auc"), other: ("other", "roc_auc"), 77: ("none", "f1")}
        [(number, found)] = newest.newest_values(conn, wanted).items()
    assert (number, found.value, found.window_start, found.revision) == (model_id, 0.6, day(1).start, 1)
    assert (found.model, found.metric, found.in_reference, found.n) == ("flights", "roc_auc", True, 10)


def test_few_questions_however_many_models(store: Store) -> None:
    """The ledger of all models takes a fixed number of statements, and so do the newest values."""
    asked: list[str] = []
    with store.write() as conn:
        wanted = {}
        for number in range(5):
            name = f"m{number}"
            wanted[number] = models.register(conn, name, "{}", "d", T0).model_id
            done(conn, wanted[number], 0, value=0.5)
    with store.read() as conn:
        event.listen(conn, "before_cursor_execute", lambda _c, _u, text, *_: asked.append(text))
        progress.every(conn)
        assert len(asked) == 4
        newest.newest_values(conn, {one: (f"m{number}", "roc_auc") for number, one in wanted.items()})
        assert len(asked) == 4 + 4


def test_chores_that_fail(store: Store, model_id: int) -> None:
    """A chore's fault is told until it has gone well."""
    with store.write() as conn:
        conn.execute(insert(chores), [
            {"model_id": model_id, "kind": "sweep", "due_at": T0, "error_state": "timeout", "error": "slow"},
            {"model_id": model_id, "kind": "retain", "due_at": T0, "error_state": None, "error": None},
        ])  # fmt: skip
        assert troubles.every(conn) == {model_id: (Trouble("sweep", "timeout", "slow"),)}


def test_since_when_a_source_is_as_it_is(store: Store, model_id: int) -> None:
    """The moment is kept while the state stays, also for a store that was upgraded and had none."""
    seen = []
    for hours, state in ((0, "timeout"), (1, "timeout"), (2, None), (3, None), (4, "ok"), (5, "timeout")):
        with store.write() as conn:
            models.note_source(conn, model_id, state, None, T0 + hours * HOUR)
            seen.append(conn.execute(select(models.models.c.source_since)).scalar_one())
    assert [(at - T0) // HOUR for at in seen] == [0, 0, 2, 2, 4, 5]


def test_learning_is_noted(store: Store, model_id: int) -> None:
    """What a model has to learn from stays with it."""
    with store.write() as conn:
        models.note_learning(conn, model_id, T0, 288)
        stored = models.get(conn, model_id)
    assert stored is not None
    assert (stored.grid_start, stored.rows_seen) == (T0, 288)
