"""Windows of every kind hold exactly the rows between their ends, and their values are those of one computation."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sklearn.metrics import accuracy_score, roc_auc_score

from monitor.domain.measurement import Measurement
from monitor.service.run import Span
from tests.service.conftest import DAY, HOUR, START, Row, World, rows_of, truth_of


def plain(found: Iterable[Measurement]) -> dict[tuple[object, ...], tuple[object, ...]]:
    """Return what was measured by what it is of; sums in another order may differ in the last digits."""
    near = lambda x: None if x is None else float(f"{x:.9e}")  # noqa: E731
    return {
        (m.window_start, m.window_end, m.metric, m.column, str(m.group)): (
            near(m.value),
            near(m.low),
            near(m.high),
            m.n,
        )
        for m in found
        if m.metric != "multivariate_drift"
    }


def test_a_window_equals_one_computation_over_its_rows(world: World) -> None:
    """Performance of each window is scikit-learn's over the rows between its ends."""
    rows = rows_of(5)
    truth = truth_of(rows)
    world.predict(rows)
    world.label(truth)
    world.done(START + 5 * DAY)
    accuracy, auc, mean = (world.values(m) for m in ("accuracy", "roc_auc", "mean_score"))
    average = world.values("mean", column="amount")
    for day in range(5):
        inside = [i for i, row in enumerate(rows) if START + day * DAY <= row[1] < START + (day + 1) * DAY]
        y = [truth[i][2] for i in inside]
        at = START + day * DAY
        assert accuracy[at] == pytest.approx(accuracy_score(y, [rows[i][3] for i in inside]), abs=1e-12)
        assert auc[at] == pytest.approx(roc_auc_score(y, [rows[i][4] for i in inside]), abs=2e-3)
        assert average[at] == pytest.approx(sum(rows[i][5] for i in inside) / len(inside), rel=1e-12)
        assert mean.get(at, 0) == pytest.approx(sum(rows[i][4] for i in inside) / len(inside), rel=1e-12)


def test_rolling_windows_are_sums_of_tiles(world: World) -> None:
    """A rolling window has the values of the tumbling window over the same rows."""
    rows = rows_of(6)
    world.predict(rows)
    world.label(truth_of(rows))
    world.model["window"] = {"size": "3d", "every": "1d"}
    world.done(START + 6 * DAY)
    rolling = [m for m in world.found() if m.window_start == START + 3 * DAY]
    assert [(r.window.start - START).days for r in world.ledger()] == [-2, -1, 0, 1, 2, 3]
    world.model |= {"name": "single", "window": "1d"}
    world.done(START + 6 * DAY, span=Span(START + 3 * DAY, START + 6 * DAY, single=True))
    single = world.found()
    assert {(m.window_start, m.window_end) for m in single} == {(START + 3 * DAY, START + 6 * DAY)}
    assert plain(single) == plain(rolling)


def test_hourly_windows_have_the_sums_of_hours(world: World) -> None:
    """Row counts of hours add up to those of days."""
    world.predict(rows_of(2, per_hour=3))
    world.model |= {"window": "6h", "reference": {"start": "2024-03-01", "end": "2024-03-02"}}
    world.done(START + 2 * DAY)
    assert list(world.values("row_count").values()) == [18.0] * 8


def test_from_and_to_take_the_windows_between(world: World) -> None:
    """Only whole windows of the grid inside the interval are measured, and a later run does the rest."""
    world.predict(rows_of(6))
    done = world.done(START + 6 * DAY, span=Span(START + 3.5 * DAY, START + 5.5 * DAY))
    assert [r.window.start for r in world.ledger()] == [START + 4 * DAY]
    assert done.windows == 1
    assert world.done(START + 6 * DAY).windows == 5


def test_a_single_window_is_made_of_whole_hours(world: World) -> None:
    """What cannot be counted exactly is refused with the nearest that can."""
    world.predict(rows_of(5))
    (done,) = world.run(START + 5 * DAY, span=Span(START + 4 * DAY + HOUR / 2, START + 4.5 * DAY, single=True))
    assert done.error is not None
    assert done.error.hint == "choose 2024-03-05T00:00 to 2024-03-05T12:00 UTC"
    done = world.done(START + 5 * DAY, span=Span(START + 4 * DAY + HOUR, START + 4.5 * DAY, single=True))
    assert (done.windows, world.ledger()[0].outcome.rows) == (1, 22)


def test_days_are_local_and_their_length_follows_the_clocks(world: World) -> None:
    """The day the clocks go forward has 23 hours, and midnight rows are in the day they begin."""
    zone = ZoneInfo("Europe/Berlin")
    first = datetime(2024, 3, 29, tzinfo=zone).astimezone(UTC)
    rows: list[Row] = rows_of(4, first=first, per_hour=1)
    world.predict(rows)
    world.model |= {"window_timezone": "Europe/Berlin", "reference": {"start": "2024-03-29", "end": "2024-03-31"}}
    world.done(first + 5 * DAY)
    assert list(world.values("row_count").values())[:4] == [24, 24, 23, 24]
    assert [r.window.length for r in world.ledger()][2] == timedelta(hours=23)


def test_start_moves_the_grid(world: World) -> None:
    """Rows before ``start:`` are not measured."""
    world.predict(rows_of(5))
    world.model["start"] = "2024-03-04"
    world.done(START + 5 * DAY)
    assert [r.window.start for r in world.ledger()] == [START + 3 * DAY, START + 4 * DAY]
