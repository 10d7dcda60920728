"""Laws of drift metrics, for any counts and any values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from monitor.errors import LayoutError, ShapeError
from monitor.metrics import Estimate, registered
from monitor.metrics.chance import expected_total_variation

METRICS = registered()
COARSE = sorted(name for name, m in METRICS.items() if m.kind == "drift" and m.reads.startswith("coarse"))
COLUMN = sorted(
    name for name, m in METRICS.items() if m.kind == "drift" and m.reads == "column" and m.columns != "categorical"
)
SYMMETRIC = {
    "psi", "jensen_shannon_distance", "hellinger_distance", "total_variation_distance", "chi_square_statistic",
    "chi_square_pvalue", "cramers_v",
}  # fmt: skip
SYMMETRIC_COLUMN = {"kolmogorov_smirnov_statistic", "kolmogorov_smirnov_pvalue", "wasserstein_distance"}

histograms = st.lists(st.integers(0, 10_000), min_size=1, max_size=30).map(lambda rows: np.array(rows, dtype=np.int64))
pairs = st.integers(1, 30).flatmap(
    lambda k: st.tuples(*[st.lists(st.integers(0, 1000), min_size=k, max_size=k).map(np.array) for _ in range(2)])
)
numbers = st.floats(allow_nan=True, allow_infinity=True, width=64)
columns = st.lists(numbers | st.sampled_from([0.0, 1.0, 2.0]), min_size=1, max_size=60)


def within(name, value):
    """Tell whether a value keeps the metric's limits."""
    low, high = METRICS[name].limits
    return value is None or ((low is None or value >= low) and (high is None or value <= high))


@pytest.mark.parametrize("name", COARSE)
@settings(max_examples=40, deadline=None)
@given(rows=histograms)
def test_equal_counts_have_no_drift(name, rows):
    """The same counts on both sides give the ideal value, or none where there are no rows."""
    value = METRICS[name].function(rows, rows)
    assert value is None if not rows.any() else value == pytest.approx(METRICS[name].ideal, abs=1e-12)


@pytest.mark.parametrize("name", COARSE)
@settings(max_examples=40, deadline=None)
@given(pair=pairs)
def test_counts_stay_in_limits(name, pair):
    """Any counts keep the metric in its range; a side without rows has no value."""
    reference, current = pair
    value = METRICS[name].function(reference, current)
    assert (value is None) == (not reference.any() or not current.any())
    assert within(name, value)


@pytest.mark.parametrize("name", sorted(SYMMETRIC))
@settings(max_examples=40, deadline=None)
@given(pair=pairs)
def test_some_are_symmetric(name, pair):
    """What claims to be symmetric is."""
    reference, current = pair
    forth, back = METRICS[name].function(reference, current), METRICS[name].function(current, reference)
    assert forth == back or forth == pytest.approx(back, rel=1e-9, abs=1e-7)


@pytest.mark.parametrize("name", COARSE)
def test_other_shapes_are_refused(name):
    """Histograms over different numbers of bins are an error, not a number."""
    with pytest.raises(ShapeError):
        METRICS[name].function(np.array([1, 2]), np.array([1, 2, 3]))


@pytest.mark.parametrize("name", COLUMN)
def test_other_bins_are_refused(counted, name):
    """Histograms over different bins are an error, not a number."""
    (few,), (many,) = counted([1.0, 2.0]), counted([1.0, 2.0, 3.0])
    with pytest.raises(LayoutError):
        METRICS[name].function(few, many)


@settings(max_examples=40, deadline=None)
@given(values=columns, others=columns)
def test_any_values_give_a_number_or_a_reason(counted, values, others):
    """NaN, infinities, subnormal and huge values never make a metric fail or leave its limits."""
    both = counted(values, others)
    for name in COLUMN:
        found = METRICS[name].function(*both)
        assert isinstance(found, Estimate), name
        assert within(name, found.value), name
        assert found.low is None or found.low <= found.value <= found.high, name


@settings(max_examples=40, deadline=None)
@given(values=columns)
def test_equal_values_have_no_drift(counted, values):
    """The same rows on both sides give the ideal value, or none with a reason."""
    reference, _ = counted(values, values)
    for name in COLUMN:
        found = METRICS[name].function(reference, reference)
        assert found.reason or found.value == pytest.approx(METRICS[name].ideal, abs=1e-12), name


@settings(max_examples=40, deadline=None)
@given(values=columns, others=columns)
def test_some_column_metrics_are_symmetric(counted, values, others):
    """Swapping the sides, over the same bins, changes nothing."""
    reference, current = counted(values, others)
    for name in SYMMETRIC_COLUMN:
        forth = METRICS[name].function(reference, current).value
        back = METRICS[name].function(current, reference).value
        assert forth == back or forth == pytest.approx(back, rel=1e-9), name


@settings(max_examples=50, deadline=None)
@given(pair=pairs)
def test_expected_total_variation_is_exact(pair):
    """The closed form equals the sum over the hypergeometric distribution, bin by bin."""
    reference, current = (side // 20 for side in pair)
    m, n = int(reference.sum()), int(current.sum())
    if not m or not n:
        return
    total = 0.0
    for rows in (reference + current).tolist():
        drawn = np.arange(min(rows, n) + 1)
        total += (hypergeom.pmf(drawn, m + n, rows, n) * np.abs(drawn / n - (rows - drawn) / m)).sum()
    assert expected_total_variation(reference, current) == pytest.approx(total / 2, rel=1e-9, abs=1e-12)
