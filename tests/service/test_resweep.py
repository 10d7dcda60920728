"""The scheduled sweep looks at tiles by turns, loses nothing, and asks nothing when it is nobody's turn."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from monitor.config import load
from monitor.service.job import open_job
from monitor.service.opening import opened
from monitor.service.reference.reference import resolve
from monitor.service.tiles import sweep as sweeping
from monitor.service.windows.compute import compute
from monitor.service.windows.resweep import Swept, enter, look, resweep
from monitor.service.workbench import Workbench
from monitor.store import clock, model_counters, runs
from monitor.store import due as chores
from monitor.store.claims import claim
from monitor.store.lease import SWEEP, Lease
from tests.service.conftest import DAY, HOUR, START, World, rows_of, truth_of

NOW = START + 6 * DAY
LATE = "INSERT INTO predictions VALUES (?,?,?,?,?,?,?)"


def sweep(world: World, now: datetime) -> Swept:
    """Look as a worker does and enter what is found."""
    config = load(world.folder / "monitor.yaml")
    with opened(config, writing=True) as store:
        job = open_job(config.models[0], config, store, now, lambda *_: None)
        assert job is not None
        with closing(job.source):
            swept = look(job, resolve(job))
        with job.write() as conn:
            enter(conn, job, swept, now)
    return swept


def late_rows(world: World, number: int, at: datetime, name: str = "late") -> None:
    world.predict([(f"{name}{i}", at + timedelta(seconds=i), None, 1, 0.9, 50.0, "A") for i in range(number)])


@pytest.fixture
def swept(world: World) -> World:
    """Give six days, all labelled, measured and looked at."""
    world.model["ground_truth_horizon"] = "4d"
    rows = rows_of(6)
    world.predict(rows)
    world.label(truth_of(rows))
    world.done(NOW)
    return world


def due(world: World) -> list[tuple[int, int, str | None]]:
    """Return day, revision and cause of what is due."""
    found = world.read(lambda conn: runs.history(conn, 1, statuses=["due"]))
    return [((run.window.start - START).days, run.revision, run.outcome.cause) for run in found]


def test_the_log_is_asked_only_when_it_is_a_tiles_turn(swept: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within the hour nobody's turn has come; what was told as the next turn is right to the microsecond."""
    asked = []
    whole = sweeping.fingerprints
    monkeypatch.setattr(
        sweeping, "fingerprints", lambda source, bounds: asked.append(len(bounds)) or whole(source, bounds)
    )
    first = sweep(swept, NOW + HOUR / 2)
    assert (first.looked_at, first.revisions, first.next_at, asked) == (0, (), NOW + HOUR, [])
    assert sweep(swept, first.next_at - timedelta(microseconds=1)).looked_at == 0
    swept.execute("CREATE TABLE touched (x INTEGER)")  # else the file tells that nobody has written to it
    second = sweep(swept, first.next_at)
    assert (second.looked_at, asked) == (24, [25])
    assert second.next_at == NOW + 2 * HOUR


def test_few_late_rows_wait_for_more_and_many_do_not(swept: World) -> None:
    """Twenty-nine are left for the close, the thirtieth makes a revision; whoever counted the tile, none is lost."""
    late_rows(swept, 29, START + 5.5 * DAY)
    assert sweep(swept, NOW + HOUR).revisions == ()
    late_rows(swept, 1, START + 5.5 * DAY, "more")
    assert [(w.start, n, why) for w, n, why in sweep(swept, NOW + 2 * HOUR).revisions] == [
        (START + 5 * DAY, 1, "late_rows")
    ]
    assert due(swept) == [(5, 1, "late_rows")]
    sweep(swept, NOW + 3 * HOUR)
    assert due(swept) == [(5, 1, "late_rows")]


def test_what_waited_comes_with_the_close(swept: World) -> None:
    """A mature window whose rows have changed a little since gets its last revision when its horizon closes."""
    late_rows(swept, 5, START + 5.5 * DAY)
    sweep(swept, NOW + HOUR)
    assert due(swept) == []
    assert sweep(swept, NOW + 3 * DAY).revisions == ()
    sweep(swept, NOW + 4 * DAY)
    assert due(swept) == [(5, 1, "closed")]
    latest = {(run.window.start - START).days: run.outcome.closed for run in swept.ledger()}
    assert latest == {0: True, 1: True, 2: True, 3: True, 4: True, 5: False}


def test_a_request_and_the_schedule_lose_nothing_to_each_other(swept: World) -> None:
    """Late rows that a sweep has counted again already still make their revision on request."""
    late_rows(swept, 5, START + 5.5 * DAY)
    sweep(swept, NOW + HOUR)
    done = swept.done(NOW + HOUR + HOUR / 2)
    assert done.revised == 1
    assert swept.values("row_count")[START + 5 * DAY] == 53


@pytest.mark.parametrize(
    ("happen", "rows"),
    [
        (lambda world: late_rows(world, 7, START + 2.5 * DAY), 7),
        (lambda world: world.execute("DELETE FROM outcomes WHERE id LIKE 'p030312%'"), 2),
        (lambda world: None, 0),
    ],
    ids=["rows", "labels", "nothing"],
)
def test_what_comes_after_the_close_is_counted_once(swept: World, happen: Callable[[World], None], rows: int) -> None:
    """Nothing is revised; it is counted when a tile is looked at for the last time."""
    sweep(swept, NOW + 5 * DAY)
    happen(swept)
    found = sweep(swept, NOW + 9 * DAY)
    assert found.revisions == ()
    again = sweep(swept, NOW + 9 * DAY + HOUR)
    assert (found.late_after_close, again.late_after_close) == (rows, 0)
    assert swept.read(model_counters.every).get(1, {}).get("late_after_close", 0) == rows
    assert due(swept) == []


def test_a_worker_sweeps_and_revises_under_its_leases(swept: World) -> None:
    """The chore enters what is due and when to look again; the revision is computed next, with its cause."""
    late_rows(swept, 5, START + 5.5 * DAY)
    config = load(swept.folder / "monitor.yaml")
    with opened(config, writing=True) as store:
        bench, model = Workbench(config, store), config.models[0]

        def claimed() -> Lease:
            with store.write() as conn:
                now = clock.now(conn)
                found = claim(conn, "worker", now, timedelta(minutes=1), [1])
            assert found is not None
            return found

        with store.write() as conn:
            chores.schedule(conn, 1, SWEEP, clock.now(conn))
        lease = claimed()
        assert lease.kind == SWEEP
        with bench.job(lease, model) as job:
            assert job is not None
            found = resweep(bench, job, lease)
        assert [(w.start, n, why) for w, n, why in found.revisions] == [(START + 5 * DAY, 1, "closed")]
        lease = claimed()
        assert lease.run is not None
        assert (lease.run.window.start, lease.run.revision) == (START + 5 * DAY, 1)
        with bench.job(lease, model) as job:
            assert job is not None
            compute(bench, job, lease, lease.run)
    last = swept.ledger()[-1]
    assert (last.revision, last.status, last.outcome.cause, last.outcome.closed) == (1, "done", "closed", True)
    assert swept.values("row_count")[START + 5 * DAY] == 53
