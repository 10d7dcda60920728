"""Intervals hold what they promise, against published numbers and by simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.intervals import clipped, newcombe, wilson, wilson_bounds
from monitor.metrics.means import bounded_mean, effective, mean, positive_mean


@pytest.mark.parametrize(("successes", "n"), [(0, 10), (10, 10), (81, 263), (1, 29), (0, 1), (500_000, 1_000_000)])
def test_wilson_equals_scipy(successes: int, n: int) -> None:
    """The bounds of a share are scipy's."""
    found = wilson(successes, n)
    expected = stats.binomtest(successes, n).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_wilson_of_no_rows() -> None:
    """A share of no rows has the reason given and still counts the rows that entered."""
    assert wilson(0, 0, reason="no positive targets", rows=7) == undefined("no positive targets", 7)


@pytest.mark.parametrize("p", [0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999])
@pytest.mark.parametrize("n", [30, 100, 1000])
def test_wilson_coverage(p: float, n: int) -> None:
    """The exact chance that a share's interval holds the truth is never below 90 %, near the ends too."""
    k = np.arange(n + 1)
    inside = [low <= p <= high for low, high in (wilson_bounds(x / n, n) for x in k)]
    coverage = float(stats.binom.pmf(k, n, p)[inside].sum())
    assert coverage >= 0.9


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_newcombe_equals_the_published_table(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    """The difference of two shares has the bounds of Newcombe's table II, method 10 (1998)."""
    found = newcombe(wilson(*first), wilson(*second))
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_newcombe_passes_reasons_on() -> None:
    """A difference to nothing is undefined, one without an interval has none."""
    assert newcombe(wilson(1, 2), undefined("no rows")).reason == "no rows"
    assert newcombe(undefined("silence", 3), wilson(1, 2)) == undefined("silence", 3)
    assert newcombe(Estimate(0.5, 4), wilson(1, 4)) == Estimate(0.25, 4)


def test_mean_equals_scipy() -> None:
    """The interval of a mean is Student's."""
    values = np.random.default_rng(1).normal(3, 2, 17)
    found = mean(17, float(values.sum()), float((values**2).sum()))
    expected = stats.ttest_1samp(values, 0).confidence_interval()
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-9)


@pytest.mark.parametrize("kind", [mean, positive_mean, bounded_mean])
def test_means_of_no_rows(kind: object) -> None:
    """No rows have no mean."""
    assert kind(0, 0.0, 0.0, reason="silence") == undefined("silence")  # type: ignore[operator]


def test_one_row_has_no_interval() -> None:
    """One value says nothing of the spread, unless its range is known."""
    assert mean(1, 3.0, 9.0) == Estimate(3.0, 1)
    assert positive_mean(1, 3.0, 9.0) == Estimate(3.0, 1)
    assert bounded_mean(1, 1.0, 1.0).low == pytest.approx(wilson(1, 1).low)


def test_bounded_mean_of_shares_is_wilson() -> None:
    """A mean of zeros and ones is a share."""
    assert bounded_mean(40, 7.0, 7.0).low == pytest.approx(wilson(7, 40).low)
    assert bounded_mean(40, 0.0, 0.0).high == pytest.approx(wilson(0, 40).high)


def test_mean_beyond_its_ceiling_is_kept() -> None:
    """A value that leaves the range it should have is shown, not clipped."""
    assert bounded_mean(10, 20.0, 41.0).value == 2.0


def test_effective_size_has_a_ceiling() -> None:
    """A variance too small to believe gives the interval of the largest size believed."""
    e = effective(0.5, 1e-9, (10, 100), n=100)
    assert (e.low, e.high) == pytest.approx(wilson_bounds(0.5, 100))


def test_clipped_keeps_estimates_finite() -> None:
    """Bounds that are no numbers go, a value that is none becomes a reason."""
    assert clipped(1.0, 3, (math.nan, 2.0)) == Estimate(1.0, 3)
    assert clipped(math.nan, 3, (0.0, 2.0)).reason == "the values are too large to add up"
    assert clipped(0.5, 3, (0.6, 0.4)) == Estimate(0.5, 3, 0.5, 0.5)
