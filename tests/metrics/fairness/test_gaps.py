"""Bounds of gaps: published values, their laws, and how often they hold."""

from __future__ import annotations

from math import inf, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.metrics.gaps import (
    Shares,
    difference_of_two,
    least_ratios,
    ratio_of_two,
    smallest_ratio,
    widest_difference,
)
from monitor.metrics.intervals import wilson

# Newcombe, "Interval estimation for the difference between independent proportions", 1998, table II, method 10
PUBLISHED = {
    "56/70 - 48/80": ((56, 70), (48, 80), (0.0524, 0.3339)),
    "9/10 - 3/10": ((9, 10), (3, 10), (0.1705, 0.8090)),
    "6/7 - 2/7": ((6, 7), (2, 7), (0.0582, 0.8062)),
    "5/56 - 0/29": ((5, 56), (0, 29), (-0.0381, 0.1926)),
    "0/10 - 0/20": ((0, 10), (0, 20), (-0.1611, 0.2775)),
    "0/10 - 0/10": ((0, 10), (0, 10), (-0.2775, 0.2775)),
    "10/10 - 0/20": ((10, 10), (0, 20), (0.6791, 1.0000)),
    "10/10 - 0/10": ((10, 10), (0, 10), (0.6075, 1.0000)),
}

counts = st.lists(
    st.integers(1, 10**7).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=2, max_size=8
)


@pytest.mark.parametrize(("first", "second", "bounds"), PUBLISHED.values(), ids=PUBLISHED)
def test_a_difference_of_two_has_the_published_bounds(
    first: tuple[int, int], second: tuple[int, int], bounds: tuple[float, float]
) -> None:
    """The interval of two shares is Newcombe's method 10."""
    gap = difference_of_two(Shares.of([first[0], second[0]], [first[1], second[1]]))
    assert (gap.low, gap.high) == pytest.approx(bounds, abs=5e-5)


@pytest.mark.parametrize(
    ("first", "second"), [((30, 100), (45, 90)), ((1, 500), (3, 40)), ((0, 20), (5, 20)), ((20, 20), (1, 9))]
)
def test_a_ratio_of_two_has_the_bounds_of_the_textbook(first: tuple[int, int], second: tuple[int, int]) -> None:
    """The stable form of the bounds equals the formula as published, which divides by a number near 0."""
    gap = ratio_of_two(Shares.of([first[0], second[0]], [first[1], second[1]]))
    p, q = wilson(*first), wilson(*second)
    cross, below, above = p.value * q.value, q.high * (2 * q.value - q.high), q.low * (2 * q.value - q.low)
    low = (cross - sqrt(cross**2 - p.low * (2 * p.value - p.low) * below)) / below
    high = (cross + sqrt(cross**2 - p.high * (2 * p.value - p.high) * above)) / above
    assert gap is not None
    assert (gap.low, gap.high) == pytest.approx((low, high), abs=1e-9)


@given(counts)
@settings(max_examples=200, deadline=None)
def test_bounds_hold_their_value_and_stay_in_range(groups: list[tuple[int, int]]) -> None:
    """Whatever the counts, 0 <= low <= value <= high, and neither gap leaves [0, 1]."""
    shares = Shares.of([c for c, _ in groups], [n for _, n in groups])
    gap = widest_difference(shares)
    assert 0 <= gap.low <= gap.value + 1e-12
    assert gap.value - 1e-12 <= gap.high <= 1 + 1e-12
    ratio = smallest_ratio(shares)
    if ratio is not None:
        assert 0 <= ratio.low <= ratio.value + 1e-12
        assert ratio.value - 1e-12 <= ratio.high <= 1


@given(counts, st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_the_order_of_groups_does_not_matter(groups: list[tuple[int, int]], random: object) -> None:
    """A gap between extremes is the same in whatever order the groups come."""
    shuffled = list(groups)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (Shares.of([c for c, _ in order], [n for _, n in order]) for order in (groups, shuffled))
    assert widest_difference(one) == widest_difference(other)
    assert smallest_ratio(one) == smallest_ratio(other)


def test_a_ratio_to_a_share_of_zero_has_no_upper_bound_and_no_warning() -> None:
    """Nothing over nothing is bounded below by 0 only; all groups at 0 have no ratio."""
    shares = Shares.of([0, 0, 5], [10, 20, 50])
    bounds = least_ratios(shares)
    assert bounds[0, 1] == 0
    assert np.isfinite(bounds).all()
    assert smallest_ratio(Shares.of([0, 0], [10, 20])) is None
    assert ratio_of_two(Shares.of([3, 0], [10, 20])) is None


def test_more_groups_and_more_families_widen_the_bounds() -> None:
    """Whoever looks at more pairs must allow for more luck."""
    two = widest_difference(Shares.of([30, 60], [100, 100]))
    three = widest_difference(Shares.of([30, 45, 60], [100, 100, 100]))
    both = widest_difference(Shares.of([30, 60], [100, 100], families=2))
    assert three.low < two.low
    assert both.low < two.low


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5])
def test_equal_groups_rarely_look_unequal(share: float) -> None:
    """Five equal groups of 200: the interval lies above 0.05 in at most 1 % of windows, above 0 in at most 5 %."""
    drawn = np.random.default_rng(1).binomial(200, share, size=(1000, 5)).tolist()
    lows = np.array([widest_difference(Shares.of(row, [200] * 5)).low for row in drawn])
    assert (lows > 0.05).mean() <= 0.01
    assert (lows > 0).mean() <= 0.05


TRUTHS = {
    "five, one apart": ([0.3, 0.3, 0.3, 0.3, 0.4], [200] * 5),
    "two of unlike size": ([0.1, 0.2], [100, 400]),
    "two alike": ([0.3, 0.35], [200, 200]),
    "three, rare to common": ([0.02, 0.1, 0.5], [50, 200, 1000]),
    "tiny": ([0.2, 0.6], [12, 9]),
}


@pytest.mark.parametrize(("truth", "rows"), TRUTHS.values(), ids=TRUTHS)
def test_intervals_hold_the_true_gap(truth: list[float], rows: list[int]) -> None:
    """A true difference and a true ratio lie in their 95 % intervals in at least 93 % of windows."""
    drawn = np.random.default_rng(2).binomial(rows, truth, size=(1000, len(rows))).tolist()
    difference, ratio = max(truth) - min(truth), min(truth) / max(truth)
    held = [0, 0]
    for row in drawn:
        shares = Shares.of(row, rows)
        gap, fraction = widest_difference(shares), smallest_ratio(shares)
        held[0] += gap.low <= difference <= gap.high
        held[1] += fraction is None or fraction.low <= ratio <= fraction.high
    assert min(held) >= 930


def test_huge_counts_give_narrow_bounds() -> None:
    """With ten billion rows a group nothing cancels out: the bounds close in on the value."""
    gap = smallest_ratio(Shares.of([3 * 10**9, 4 * 10**9], [10**10, 10**10]))
    assert gap is not None
    assert 0 < gap.value - gap.low < 1e-4
    assert gap.high - gap.value < 1e-4
    assert gap.high < inf
