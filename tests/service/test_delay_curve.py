"""A model learns how long its ground truth takes, with or without its times, and is judged by what will ever come."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.domain.delay_curve import DelayCurve
from monitor.service.tiles.delay_curve import known_curve
from monitor.store import arrivals, models
from tests.service.conftest import DAY, HOUR, START, Row, World, rows_of, truth_of

HORIZON = 4 * DAY


def few(rows: list[Row]) -> list[tuple[str, datetime, int]]:
    """Give two rows in five their ground truth, half of it after an hour and half after a day and a half."""
    truth = truth_of(rows)
    some = [t for i, t in enumerate(truth) if i % 5 < 2]
    return [(name, at if i % 2 else at + 1.5 * DAY, y) for i, (name, at, y) in enumerate(some)]


@pytest.fixture(params=["stamped", "unstamped"])
def meagre(request: pytest.FixtureRequest, world: World) -> World:
    """Give an empty log whose ground truth carries its time, or does not."""
    world.model["ground_truth_horizon"] = "4d"
    if request.param == "unstamped":
        del world.model["source"]["ground_truth"]["time"]
    return world


def curve(world: World, now: datetime) -> DelayCurve | None:
    """Return the curve of the model as the store knows it."""

    def ask(conn: Any) -> DelayCurve | None:
        model = models.find(conn, "m")
        assert model is not None
        return known_curve(conn, model.id, now, HORIZON)

    found: DelayCurve | None = world.read(ask)
    return found


def live(world: World, days: int) -> datetime:
    """Log and look every twelve hours, from the end of the reference on."""
    rows = rows_of(days)
    truth = few(rows)
    world.predict([r for r in rows if r[1] < START + 3 * DAY])
    now = START + 3 * DAY
    world.label([t for t in truth if t[1] < now])
    world.done(now)
    while now < START + days * DAY:
        before, now = now, now + DAY / 2
        world.predict([r for r in rows if before <= r[1] < now])
        world.label([t for t in truth if before <= t[1] < now])
        world.done(now)
    return now


def test_a_model_with_few_labels_becomes_mature(meagre: World) -> None:
    """Where only two rows in five ever get their ground truth, a window that has it is no longer provisional."""
    now = live(meagre, 11)
    found = curve(meagre, now)
    assert found is not None
    assert found.final == pytest.approx(0.4, abs=0.01)
    assert found.at(DAY) == pytest.approx(0.2, abs=0.05)
    assert found.at(3 * DAY) == pytest.approx(0.4, abs=0.02)
    last = {(now - run.window.end) // DAY: run.outcome for run in meagre.ledger()}
    assert last[0].provisional
    assert last[0].expected == found.final
    assert (last[2].provisional, last[2].closed) == (False, False)
    assert last[2].coverage == pytest.approx(0.4, abs=0.03)
    assert meagre.values("target_coverage")[now - 3 * DAY] == last[2].coverage
    first = next(run for run in meagre.ledger(every=True) if run.window.start == START + 3 * DAY)
    assert (first.outcome.expected, first.outcome.provisional) == (None, True)


def test_a_first_look_at_an_old_log_knows_what_will_come(meagre: World) -> None:
    """History teaches at once; nothing that came after the horizon counts as having been expected."""
    rows = rows_of(12)
    meagre.predict(rows)
    meagre.label(few(rows))
    meagre.done(START + 12 * DAY)
    found = curve(meagre, START + 12 * DAY)
    assert found is not None
    assert found.final == pytest.approx(0.4, abs=0.01)
    assert curve(meagre, START + 5 * DAY) is None


def test_late_rows_are_counted_by_tile(world: World) -> None:
    """Rows that come, go or change add up for ever; first labels do not."""
    rows = rows_of(4)
    world.predict(rows)
    world.label(truth_of(rows)[:180])
    world.done(START + 4 * DAY)
    world.label(truth_of(rows)[180:])
    world.predict([(f"late{i}", START + 3.5 * DAY, None, 1, 0.9, 50.0 + i, "A") for i in range(3)])
    world.done(START + 4 * DAY + HOUR)
    world.execute("DELETE FROM predictions WHERE id IN ('late0', 'p03041000')")
    world.execute("UPDATE outcomes SET happened = 1 - happened WHERE id = 'p03041030'")
    world.done(START + 4 * DAY + 3 * HOUR)

    def ask(conn: Any) -> dict[timedelta, int]:
        found = arrivals.load(conn, 1, START, START + 9 * DAY)
        return {one.start - START: one.late for one in found if one.late}

    assert world.read(ask) == {3.5 * DAY: 4, 3 * DAY + 10 * HOUR: 2}
    newest = world.ledger()[-1]
    assert (newest.revision, newest.outcome.late) == (2, 6)
