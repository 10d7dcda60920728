"""Drift where it is easily lost or invented: constants, missing values, outliers, new categories, empty sides."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.errors import LayoutError
from monitor.metrics import registered
from monitor.profile.moments import Moments

METRICS = registered()
RNG = np.random.default_rng(8)
PVALUES = ("kolmogorov_smirnov_pvalue", "drift_pvalue")
SIZES = ("kolmogorov_smirnov_statistic", "wasserstein_distance", "drift_effect")


def measure(name, reference, current):
    """Return the value of a metric of a column."""
    metric = METRICS[name]
    if metric.reads.startswith("coarse"):
        k = int(metric.reads.removeprefix("coarse"))
        return metric.function(reference.coarse(k), current.coarse(k))
    return metric.function(reference, current).value


def reason(name, reference, current):
    """Return why a metric has no value."""
    return METRICS[name].function(reference, current).reason


def test_a_constant_that_stays_has_no_drift(counted):
    """Everything is 0; what is divided by the spread has none."""
    both = counted([5.0] * 300, [5.0] * 80)
    assert [measure(name, *both) for name in (*SIZES, "psi", "total_variation_distance", "cramers_v")] == [0] * 6
    assert [measure(name, *both) for name in (*PVALUES, "chi_square_pvalue")] == [1] * 3
    for name in ("mean_shift", "wasserstein_distance_normed", "wasserstein_distance_robust"):
        assert reason(name, *both) == "the reference has no spread"


@pytest.mark.parametrize("value", [4.999, 5.001, 1e300, -np.inf])
def test_a_constant_that_moves_has_drift(counted, value):
    """However small the move, all rows have moved."""
    both = counted([5.0] * 300, [value] * 80)
    assert measure("kolmogorov_smirnov_statistic", *both) == 1
    assert measure("total_variation_distance", *both) == 1
    assert measure("drift_effect", *both) > 0.9
    assert measure("drift_pvalue", *both) < 1e-12


def test_a_jump_of_missing_is_drift(counted):
    """From no missing rows to 90 %: the values that are left look the same, yet the column has drifted."""
    values = RNG.normal(size=2000)
    both = counted(values, np.where(RNG.random(1000) < 0.9, np.nan, RNG.normal(size=1000)))
    assert measure("missing_rate_change", *both) == pytest.approx(0.9, abs=0.03)
    assert measure("drift_effect", *both) > 0.8
    assert measure("drift_pvalue", *both) < 1e-12
    assert measure("kolmogorov_smirnov_pvalue", *both) > 0.01


def test_all_missing_now(counted):
    """Values cannot be compared, with the reason; what counts missing rows can."""
    both = counted([1.0, 2.0, 3.0] * 50, [np.nan] * 40)
    assert reason("kolmogorov_smirnov_statistic", *both) == "no rows with a value"
    assert reason("wasserstein_distance", *both) == "no rows with a finite value"
    assert reason("mean_shift", *both) == "no rows with a finite value"
    assert measure("missing_rate_change", *both) == 1
    assert measure("drift_effect", *both) > 0.85
    assert measure("drift_pvalue", *both) < 1e-12


def test_all_missing_in_the_reference(counted):
    """A column that comes to life has drifted too."""
    both = counted([np.nan] * 100, RNG.normal(size=50))
    assert reason("kolmogorov_smirnov_pvalue", *both) == "no reference rows with a value"
    assert measure("missing_rate_change", *both) == -1
    assert measure("drift_effect", *both) > 0.9


def test_missing_on_both_sides_is_no_drift(counted):
    """Nothing then and nothing now is the same."""
    both = counted([np.nan] * 100, [np.nan] * 50)
    assert measure("drift_effect", *both) == 0
    assert measure("drift_pvalue", *both) == 1


@pytest.mark.parametrize("sides", [([], [1.0]), ([1.0], []), ([], [])])
def test_empty_sides_have_reasons(counted, sides):
    """Silence is not stability."""
    both = counted(*sides)
    for name, metric in METRICS.items():
        if metric.kind == "drift" and metric.reads == "column":
            found = metric.function(*both)
            assert found.value is None, name
            assert found.reason, name


def test_one_outlier_hides_nothing(counted):
    """A value of 10 000 among 10 001 rows: a shift by one standard deviation is seen, and none is invented."""
    quiet, shifted = RNG.normal(size=10_000), RNG.normal(1, 1, 10_000)
    without = counted(quiet, shifted)
    outlier = counted(quiet, np.append(shifted, 10_000.0))
    assert measure("psi", *outlier) == pytest.approx(measure("psi", *without), rel=0.01)
    assert measure("psi", *outlier) > 0.8
    invented = counted(quiet, np.append(RNG.normal(size=10_000), 10_000.0))
    assert measure("psi", *invented) < 0.01
    assert measure("drift_effect", *invented) < 0.01
    assert measure("wasserstein_distance_normed", *invented) > 0.9
    assert measure("wasserstein_distance_robust", *invented) < 0.05


def test_disjoint_sides_are_all_drift(counted):
    """Nothing in common is 1 where 1 is the end."""
    both = counted(RNG.normal(size=500), RNG.normal(100, 1, 400))
    for name in ("kolmogorov_smirnov_statistic", "total_variation_distance", "hellinger_distance", "cramers_v"):
        assert measure(name, *both) == pytest.approx(1, abs=0.08)
    assert measure("wasserstein_distance", *both) == pytest.approx(100, rel=0.01)


def test_a_single_row_proves_nothing(counted):
    """One current row may lie where few lie, but never gives a small p."""
    for value in (0.0, 3.0):
        assert measure("drift_pvalue", *counted(RNG.normal(size=1000), [value])) > 0.001
    assert measure("drift_pvalue", *counted([1.0], [2.0])) == 1
    assert measure("drift_pvalue", *counted([1.0, 1.0, 1.0], [2.0, 2.0, 2.0])) >= 0.1


def test_huge_values_are_counted(counted):
    """1e308 on either side is out of range for sums and in range for shares."""
    both = counted([1e308, -1e308, 1.0, 2.0] * 50, [1e308, 1.0, 2.0, 3.0] * 50)
    for name in METRICS:
        metric = METRICS[name]
        if metric.reads == "column" and metric.columns != "categorical" and metric.kind in ("drift", "quality"):
            found = metric.function(*both)
            assert found.reason or np.isfinite(found.value), name
    assert measure("kolmogorov_smirnov_statistic", *both) == pytest.approx(0.25)
    assert measure("wasserstein_distance", *both) == pytest.approx(0.5)


def test_a_spread_beyond_measure_has_no_interval_but_a_value(counted):
    """One value of 1e77 where the reference had 0 and 1."""
    both = counted([0.0, 1.0], [0.0, 1.6e77])
    assert measure("mean_shift", *both) == pytest.approx(0.8e77 / np.sqrt(0.5))


def test_a_new_category_is_drift(counted):
    """A fifth of the rows in a category that the reference never had."""
    both = counted(["a", "b"] * 500, ["a", "b"] * 200 + ["z"] * 100, kind="categorical")
    assert measure("drift_effect", *both) == pytest.approx(0.2, abs=0.03)
    assert measure("drift_pvalue", *both) < 1e-12


def test_rare_categories_that_turn_up_are_no_drift(counted):
    """Of many rare categories each sample holds some that the other does not."""
    reference, current = (RNG.integers(0, 5000, 5000).astype(str) for _ in range(2))
    both = counted(reference, current, kind="categorical")
    assert both[1].unseen > 1500
    assert measure("drift_pvalue", *both) > 0.01
    assert measure("drift_effect", *both) < 0.05


def moments(rows):
    """Return the moments of standardised rows."""
    return Moments(tuple(map(str, range(rows.shape[1]))), len(rows), rows.sum(axis=0), rows.T @ rows)


def test_a_broken_correlation_is_seen():
    """Two columns that went together no longer do, though each looks the same."""
    rng = np.random.default_rng(4)
    mixed = np.array([[1, 0.9, 0], [0, np.sqrt(1 - 0.81), 0], [0, 0, 1]])
    reference, same = (moments(rng.normal(size=(n, 3)) @ mixed) for n in (5000, 500))
    broken = moments(rng.normal(size=(500, 3)))
    drift = METRICS["multivariate_drift"].function
    assert drift(reference, reference).value == 0
    assert drift(reference, same).value < 0.1
    assert drift(reference, broken).value == pytest.approx(0.78, abs=0.06)


def test_shifts_and_spreads_are_left_to_the_columns():
    """Moving and stretching every column keeps the relations."""
    rng = np.random.default_rng(4)
    rows = rng.normal(size=(800, 4)) @ rng.normal(size=(4, 4))
    assert METRICS["multivariate_drift"].function(moments(rows), moments(5 + 3 * rows)).value == pytest.approx(
        0, abs=0.01
    )


def test_multivariate_drift_needs_columns_and_rows():
    """Too little to compare gives a reason."""
    drift = METRICS["multivariate_drift"].function
    rows = np.random.default_rng(1).normal(size=(50, 2))
    assert drift(moments(rows[:, :1]), moments(rows[:, :1])).reason == "fewer than two numeric features with spread"
    assert drift(moments(rows), moments(rows[:9])).reason == "fewer than 5 rows for each numeric feature"
    assert drift(moments(rows), moments(rows[:0])).reason == "no rows"
    constant = np.column_stack([rows[:, 0], np.zeros(50)])
    assert drift(moments(rows), moments(constant)).value >= 0
    with pytest.raises(LayoutError):
        drift(moments(rows), moments(rows[:, :1]))
