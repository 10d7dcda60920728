"""Restating: windows that are done are measured again on request, by what is in force now; backfill beside it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, update

from monitor.service.run import Span
from monitor.store import changes
from monitor.store.tables import runs
from tests.service.conftest import DAY, HOUR, START, World, rows_of
from tests.service.test_promote import promote, shifted

NOW = START + 8 * DAY
AGAIN = Span(START + 4 * DAY, START + 6 * DAY, restate=True)


def write(world: World, statement: Any) -> None:
    """Change the store behind everybody's back."""
    from monitor.store.engine import open_store

    store = open_store("sqlite:///monitor.db", folder=world.folder)
    with store.write() as conn:
        conn.execute(statement)
    store.close()


def placed(world: World, status: str, day: int, **more: Any) -> None:
    """Put a window of that day into the ledger as workers do."""
    row = {"model_id": 1, "window_start": START + day * DAY, "window_end": START + (day + 1) * DAY, "status": status}
    write(world, insert(runs).values(**row, created_at=START, **more))


def test_windows_are_measured_again_against_the_reference_in_force(world: World) -> None:
    """Only those of the interval, as a new revision with its cause; the old one stays."""
    shifted(world).done(START + 6 * DAY)
    promote(world, 3, 6)
    done = world.done(NOW, span=AGAIN)
    assert (done.windows, done.revised) == (0, 2)
    psi = world.values("psi", column="amount")
    assert psi[START + 3 * DAY] > 3
    assert psi[START + 4 * DAY] < 1
    every = [(r.window.start, r.revision, r.outcome.cause) for r in world.ledger(every=True)]
    assert every[4:8] == [
        (START + 4 * DAY, 0, None), (START + 4 * DAY, 1, "restated"),
        (START + 5 * DAY, 0, None), (START + 5 * DAY, 1, "restated"),
    ]  # fmt: skip
    assert [r.outcome.in_reference for r in world.ledger()] == [True] * 3 + [False] + [True] * 2
    told = world.read(lambda conn: changes.since(conn, 0))
    assert [c.window.start for c in told if c.kind == "revision" and c.window] == [START + 4 * DAY, START + 5 * DAY]


def test_without_restate_an_interval_that_is_done_stays(world: World) -> None:
    """``--from/--to`` alone fills gaps; what was measured under an older reference is left."""
    shifted(world).done(START + 6 * DAY)
    promote(world, 3, 6)
    before = world.found()
    done = world.done(NOW, span=Span(START, START + 6 * DAY))
    assert (done.windows, done.revised) == (0, 0)
    assert world.found() == before


def test_a_changed_configuration_is_restated_too(world: World) -> None:
    """A feature that was added is measured for old windows once they are restated."""
    world.model["features"] = {"numeric": ["amount"]}
    shifted(world).done(START + 6 * DAY)
    world.model["features"] = {"numeric": ["amount"], "categorical": ["place"]}
    world.done(NOW, span=AGAIN)
    assert sorted(world.values("psi", column="place")) == [START + 4 * DAY, START + 5 * DAY]


def test_restated_revisions_do_not_count_among_the_five(world: World) -> None:
    """However often somebody restates, late rows still make their revisions."""
    world.predict(rows_of(6))
    world.done(START + 6 * DAY)
    for hour in range(7):
        world.done(START + 6 * DAY + hour * HOUR, span=AGAIN)
    world.predict([("late", START + 4.5 * DAY, None, 1, 0.9, 50.0, "A")])
    done = world.done(START + 6 * DAY + 9 * HOUR)
    assert done.revised == 1
    last = next(r for r in world.ledger() if r.window.start == START + 4 * DAY)
    assert (last.revision, last.outcome.cause, last.outcome.rows) == (8, "late_rows", 49)


@pytest.mark.parametrize("status", ["due", "failed", "skipped", "quarantined"])
@pytest.mark.parametrize("restate", [False, True])
def test_backfill_lifts_what_was_given_up(world: World, status: str, restate: bool) -> None:
    """A window that failed, was skipped or is in quarantine is computed, once, as revision 0."""
    shifted(world).done(START + 4 * DAY)
    placed(world, status, 4, deaths=3, attempts=4, error="boom", error_state="timeout")
    span = Span(START + 4 * DAY, START + 5 * DAY, restate=restate)
    assert world.done(NOW, span=span).windows == 1
    found = next(r for r in world.ledger() if r.window.start == START + 4 * DAY)
    assert (found.status, found.revision, found.error, found.error_state) == ("done", 0, None, None)
    done = world.done(NOW, span=Span(START + 4 * DAY, START + 5 * DAY))
    assert (done.windows, done.revised) == (0, 0)


def test_a_window_that_a_worker_has_is_left_to_it(world: World) -> None:
    """Beside a running worker backfill does the rest and says how many windows it left."""
    shifted(world).done(START + 4 * DAY)
    placed(world, "leased", 5, owner="w1", fence=1, lease_until=datetime.now(UTC) + DAY)
    done = world.done(NOW, span=Span(START + 4 * DAY, START + 7 * DAY))
    assert (done.windows, done.left) == (2, 1)
    write(world, update(runs).where(runs.c.status == "leased").values(status="due", owner=None, lease_until=None))
    assert world.done(NOW).windows == 2


def test_an_interval_before_the_first_row_is_said_to_be_empty(world: World) -> None:
    """Nothing is measured there, and why is said; with ``start:`` set that is named."""
    shifted(world)
    done = world.done(NOW, span=Span(START - 5 * DAY, START - DAY))
    assert (done.windows, world.ledger()) == (0, [])
    assert done.remarks == [
        "windows begin at 2024-03-01 00:00 UTC, the first row is there: before that there are none",
        "no window of the grid that is due lies wholly inside the interval",
    ]
    world.model["start"] = "2024-03-03"
    done = world.done(NOW, span=Span(START, START + 3 * DAY))
    assert done.windows == 1
    assert done.remarks[0].startswith("windows begin at 2024-03-03 00:00 UTC, `start:` says so")


def test_an_interval_that_reaches_into_the_future_is_said_to_end_at_the_present(world: World) -> None:
    """Windows that are not due yet are left to a later run."""
    shifted(world)
    done = world.done(START + 5.5 * DAY, span=Span(START + 4 * DAY, START + 20 * DAY))
    assert (done.windows, done.remarks) == (1, ["windows that end after 2024-03-06 12:00 UTC are not due yet"])


def test_backfill_is_idempotent_and_equal_to_what_a_run_gives(world: World) -> None:
    """Filled piece by piece, out of order and overlapping, a log has the measurements of one run."""
    shifted(world)
    for first, last in ((5, 8), (0, 2), (4, 6), (2, 5), (0, 8)):
        world.done(NOW, span=Span(START + first * DAY, START + last * DAY))
    filled = world.found()
    assert {r.revision for r in world.ledger(every=True)} == {0}
    (world.folder / "monitor.db").unlink()
    world.done(NOW)
    assert world.found() == filled
