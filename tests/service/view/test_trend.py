"""Trends hold what was measured last, model by model."""

from __future__ import annotations

from monitor.service.view.trend import trends
from tests.service.view.conftest import Seen


def test_a_trend_is_what_was_measured_last(seen: Seen) -> None:
    """The newest windows come oldest first, with their stored values and bounds."""
    stored = seen.measured(metric="roc_auc", column=None, group=None, version=None)
    found = trends(seen.store, {"m": "roc_auc"})["m"]
    told = [(m.window_start, m.value, m.low, m.high, m.provisional) for m in stored]
    assert [(p.start, p.value, p.low, p.high, p.provisional) for p in found] == told
    assert trends(seen.store, {"m": "roc_auc"}, windows=3)["m"] == found[-3:]


def test_a_metric_that_was_never_measured_has_windows_without_values(seen: Seen) -> None:
    """The line has its windows and no value; what no model measures, and models nobody knows, are no fault."""
    found = trends(seen.store, {"m": "ndcg@5", "nobody": "roc_auc"})
    assert set(found) == {"m"}
    assert {point.value for point in found["m"]} == {None}
    assert len(found["m"]) == 8
    assert trends(seen.store, {}) == {}
