"""Change of a gap since the reference period: its value, its reasons, and how often its interval holds."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.metrics import Estimate, registered, undefined
from monitor.metrics.change import change_of
from monitor.metrics.gaps import Shares, widest_difference


def test_every_fairness_metric_has_its_change() -> None:
    """The change needs no file: registering the metric registers it, with words of its own."""
    metrics = registered()
    gaps = [m for m in metrics.values() if m.kind == "fairness" and m.reads == "groups"]
    assert gaps
    for gap in gaps:
        change = metrics[f"{gap.name}_change"]
        assert (change.kind, change.reads, change.unit, change.ideal) == ("fairness", "change", gap.unit, 0.0)
        assert change.tasks == gap.tasks
        assert change.title == f"Change of {gap.name} since the reference period."
        assert change.function(Estimate(0.5, n=9), Estimate(0.2, n=5)).value == pytest.approx(0.3)


def test_a_change_carries_the_current_rows_and_both_sides_noise() -> None:
    """Bounds combine both intervals; without one of them there is a value and no interval."""
    moved = change_of(Estimate(0.3, n=90, low=0.2, high=0.5), Estimate(0.1, n=900, low=0.07, high=0.2))
    bounds = (0.2 - np.hypot(0.1, 0.1), 0.2 + np.hypot(0.2, 0.03))
    assert (moved.value, moved.low, moved.high) == pytest.approx((0.2, *bounds))
    assert moved.n == 90
    unbounded = change_of(Estimate(0.3, n=90), Estimate(0.1, n=9, low=0.0, high=0.2), edge=0.0)
    assert (unbounded.low, unbounded.high) == (None, None)
    assert unbounded.value == pytest.approx(0.2)


def test_a_change_is_undefined_when_either_side_is() -> None:
    """The reason tells which side has no value."""
    known = Estimate(0.3, n=90, low=0.2, high=0.5)
    assert change_of(undefined("no rows", n=4), known) == undefined("no rows", n=4)
    assert change_of(known, undefined("no rows")) == undefined("in the reference: no rows", n=90)
    assert change_of(undefined("this", n=1), undefined("that")) == undefined("this", n=1)


def _gap(rng: np.random.Generator, rates: list[float], n: int) -> Estimate:
    gap = widest_difference(Shares.of(rng.binomial(n, rates).tolist(), [n] * len(rates)))
    return Estimate(gap.value, n=n, low=min(gap.low, gap.value), high=max(gap.high, gap.value))


CASES = {
    "five equal groups": ([0.3] * 5, [0.3] * 5),
    "two groups stay apart": ([0.3, 0.4], [0.3, 0.4]),
    "a gap opens": ([0.3, 0.3], [0.3, 0.5]),
    "a gap closes": ([0.3, 0.5], [0.3, 0.3]),
}


@pytest.mark.parametrize(("before", "now"), CASES.values(), ids=CASES)
def test_the_interval_of_a_change_holds_it(before: list[float], now: list[float]) -> None:
    """200 rows a group now, 5000 in the reference: the true change lies inside in at least 92 % of windows."""
    rng = np.random.default_rng(3)
    true = np.ptp(now) - np.ptp(before)
    moved = [change_of(_gap(rng, now, 200), _gap(rng, before, 5000), edge=0.0) for _ in range(500)]
    assert np.mean([m.low <= true <= m.high for m in moved]) >= 0.92


def test_a_small_window_does_not_look_like_a_wider_gap() -> None:
    """A largest-minus-smallest grows by chance alone as rows get fewer; its change must not be called one."""
    rng = np.random.default_rng(4)
    moved = [change_of(_gap(rng, [0.3] * 5, 200), _gap(rng, [0.3] * 5, 20_000), edge=0.0) for _ in range(500)]
    assert np.mean([m.value for m in moved]) > 0.05
    assert np.mean([m.low > 0 for m in moved]) <= 0.04
