"""What the page of a model reads: its windows, trails, movers, distributions, groups, all as they were stored."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from monitor.service.view.bearing import bearings
from monitor.service.view.counts import counts, together
from monitor.service.view.curve import calibration, matrix, precision_recall, receiver_operating, scores_of
from monitor.service.view.distribution import distribution
from monitor.service.view.drift import companions, heat, movers
from monitor.service.view.fairness import attribute_sets, gap_series, rates
from monitor.service.view.lack import lacks
from monitor.service.view.limit import Rulebook
from monitor.service.view.mark import marks
from monitor.service.view.past import Lens, past
from monitor.service.view.standard import standard
from monitor.service.view.trail import of_metrics, trails
from tests.service.conftest import DAY, HOUR, START
from tests.service.view.conftest import Seen


def test_a_lens_keeps_to_its_range(seen: Seen) -> None:
    """Windows that begin before the range or after it are left out, and unknown models are none."""
    found = seen.past(start=START + 2 * DAY, end=START + 5 * DAY)
    assert found.starts == [START + i * DAY for i in (2, 3, 4)]
    assert [found.places[run.id] for run in found.windows] == [0, 1, 2]
    at = found.at(START + 3 * DAY + HOUR)
    assert at is not None
    assert at.window.start == START + 3 * DAY
    with seen.store.read() as conn:
        assert past(conn, Lens("nobody")) is None


def test_trails_are_what_was_measured(seen: Seen) -> None:
    """A trail holds the stored values, window by window, with their bounds and rows."""
    found = seen.past()
    with seen.store.read() as conn:
        trail = of_metrics(conn, found, "roc_auc")["roc_auc"]
    stored = seen.measured(metric="roc_auc", column=None, group=None, version=None)
    assert trail.value == tuple(m.value for m in stored)
    assert trail.low == tuple(m.low for m in stored)
    assert trail.n == tuple(m.n for m in stored)


def test_versions_have_trails_of_their_own(seen: Seen) -> None:
    """Through a version's lens its own rows are counted."""
    found = seen.past(version="v1")
    with seen.store.read() as conn:
        rows = of_metrics(conn, found, "row_count")["row_count"]
    assert rows.version == "v1"
    assert rows.value == tuple(m.value for m in seen.measured(metric="row_count", version="v1"))


def test_the_column_that_moved_comes_first(seen: Seen) -> None:
    """Columns are ranked by their drift; the heat of each is its stored effect, the limit that of the rules."""
    found, model = seen.past(), seen.config.models[0]
    with seen.store.read() as conn:
        ranked = movers(conn, found, bearings(conn, found), Rulebook.of(model), model.importance)
        drawn = heat(conn, found, ranked)
    assert ranked[0].name == "amount"
    assert {one.name for one in ranked} == {"amount", "place", "prediction", "score"}
    assert ranked[0].limit == 0.05
    assert ranked[0].severity == "critical"
    assert drawn.per_cell == 1
    stored = {m.window_start: m.value for m in seen.measured(metric="drift_effect", column="amount", version=None)}
    assert dict(zip(drawn.starts, drawn.cells[0], strict=True)) == stored
    assert all(0 < shared <= own for _, shared, own in companions(drawn, "amount"))


def test_importance_decides_between_columns(seen: Seen) -> None:
    """A column that matters more stands before one that moved as far."""
    found, model = seen.past(end=START + 5 * DAY), seen.config.models[0]
    with seen.store.read() as conn:
        quiet = bearings(conn, seen.past(end=START))
        ranked = movers(conn, found, quiet, Rulebook.of(model), {"place": 1.0, "amount": 1e-9})
    weights = {one.name: one.weight for one in ranked}
    assert weights["amount"] <= 1e-9
    assert weights["score"] == pytest.approx(1e-9 * next(o.effect or 0.0 for o in ranked if o.name == "score"))


@pytest.mark.parametrize("column", ["amount", "place", "score", "prediction"])
def test_a_distribution_holds_every_row(seen: Seen, column: str) -> None:
    """The shares of all bars, those apart too, add up to one on both sides."""
    found, model = seen.past(), seen.config.models[0]
    behind = counts(seen.store, model, found.lens, found.windows[-1:])
    assert behind is not None
    shape = distribution(behind, column)
    assert shape is not None
    every = [*shape.bars, *shape.apart]
    assert sum(bar.current or 0.0 for bar in every) == pytest.approx(1.0)
    assert sum(bar.reference or 0.0 for bar in every) == pytest.approx(1.0)
    assert shape.rows == 8 * 24
    assert len(shape.bars) <= 41


def test_a_shifted_column_lies_above_its_reference(seen: Seen) -> None:
    """The rows beyond the reference's range stand apart from those within it."""
    found, model = seen.past(), seen.config.models[0]
    behind = counts(seen.store, model, found.lens, found.windows[-1:])
    assert behind is not None
    shape = distribution(behind, "amount")
    assert shape is not None
    above = next(bar for bar in shape.apart if bar.name.startswith("above"))
    assert (above.current or 0.0) > 0.4 > (above.reference or 0.0)


def test_curves_agree_with_the_numbers(seen: Seen) -> None:
    """The area under the curve is the metric's value, and the confusion holds every labelled row."""
    found, model = seen.past(), seen.config.models[0]
    last = together(found.windows, labelled=True)[-1:]
    behind = counts(seen.store, model, found.lens, last)
    assert behind is not None
    scores = scores_of(behind.current)
    rows = matrix(behind.current)
    assert scores is not None
    assert rows is not None
    curve, calibrated, both = receiver_operating(scores), calibration(scores), precision_recall(scores)
    assert curve is not None
    assert calibrated is not None
    assert both is not None
    with seen.store.read() as conn:
        auc = of_metrics(conn, found, "roc_auc")["roc_auc"].value[found.places[last[0].id]]
    assert np.trapezoid(curve.y, curve.x) == pytest.approx(auc, abs=1e-3)
    assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (0.0, 0.0, 1.0, 1.0)
    assert sum(map(sum, rows.rows)) == sum(calibrated.rows) == scores.n
    assert len(curve.x) <= 200


def test_few_rows_are_put_together(seen: Seen) -> None:
    """Curves rest on some days of windows at once, the newest of those that have ground truth."""
    found = seen.past()
    chosen = together(found.windows, labelled=True)
    assert [run.window.start for run in chosen] == [START + i * DAY for i in range(3, 8)]
    assert together(found.windows[:0]) == []


def test_small_groups_are_told_and_few_rows_hidden(seen: Seen) -> None:
    """Groups below the least size are marked; with fewer than ten rows nothing of them is shown."""
    found = seen.past()
    assert ("place",) in attribute_sets(found)
    with seen.store.read() as conn:
        shown = rates(conn, found, found.windows[-1], ("place",), "selection_rate", least=30, against="A")
        strict = rates(conn, found, found.windows[-1], ("place",), "selection_rate", least=10_000)
    assert {one.title for one in shown} == {"A", "B"}
    assert all(one.state == "ok" and one.n for one in shown)
    [other] = [one for one in shown if one.title == "B"]
    assert other.difference == pytest.approx((other.value or 0) - next(o.value or 0 for o in shown if o.title == "A"))
    assert {one.state for one in strict} == {"small"}
    with seen.store.read() as conn:
        gap = trails(conn, found, gap_series(found, ("place",), "demographic_parity_difference"))
    assert len(gap) == 1
    values = sorted(one.value or 0.0 for one in shown)
    assert gap[0].value[-1] == pytest.approx(values[-1] - values[0])


def test_what_columns_lack_is_what_was_measured(seen: Seen) -> None:
    """Shares of the newest window and the worst of the range are the stored ones, the largest first."""
    with seen.store.read() as conn:
        found = lacks(conn, seen.past())
    assert found[0].name == "amount"
    stored = [m.value for m in seen.measured(metric="out_of_range_rate", column="amount", version=None)]
    assert found[0].shares["out_of_range_rate"] == stored[-1]
    assert found[0].worst == max(value for value in stored if value is not None)


def test_the_reference_is_what_windows_are_held_against(seen: Seen) -> None:
    """Its own value of a metric, the limits that follow from it, and its period are known."""
    found = seen.past()
    last = found.last
    assert last is not None
    against = standard(seen.store, last.outcome.reference_id)
    assert against is not None
    value = against.value("roc_auc")
    assert value is not None
    assert value.value is not None
    [limit] = Rulebook.of(seen.config.models[0]).limits("roc_auc", before=value.value)
    assert limit.value == pytest.approx(value.value - 0.03)
    with seen.store.read() as conn:
        told = marks(conn, found)
    assert told.reference == (START, START + 3 * DAY)
    assert [one.severity for one in told.incidents] == ["critical"]
    assert isinstance(told.incidents[0].start, datetime)
