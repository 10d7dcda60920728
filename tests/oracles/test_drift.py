"""Drift statistics against scipy and numpy, on ordinary and on nasty columns."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from monitor.metrics import registered
from monitor.metrics.kolmogorov import survival
from monitor.profile.bins import NumericBins

RNG = np.random.default_rng(20130101)
METRICS = registered()
INF = float("inf")

FEW = {
    "integers": (RNG.poisson(5, 3000), RNG.poisson(6, 400)),
    "booleans": (RNG.random(500) < 0.3, RNG.random(70) < 0.6),
    "few rows": (RNG.normal(size=40), RNG.normal(1, 1, 30)),
    "one row each": ([1.0], [2.0]),
    "one row now": (RNG.integers(0, 9, 200), [4]),
    "constant": ([7.0] * 50, [7.0] * 20),
    "moved constant": ([7.0] * 50, [7.5] * 20),
    "disjoint": (RNG.integers(0, 50, 300), RNG.integers(100, 150, 80)),
    "missing": ([1, 2, np.nan, 3, np.nan], [np.nan, 3, 3, 2]),
    "infinite": ([-INF, 1, 2, 3, 3], [1, INF, INF, -INF, 2]),
    "huge": ([1e90, -1e90, 3.0, 4.0], [1e90, 1e90, 3.0]),
    "tiny": ([5e-324, 0.0, 1e-310, 2e-310], [0.0, 0.0, 2e-310]),
    "far from zero": (1e7 + RNG.integers(-3, 3, 400) / 10, 1e7 + RNG.integers(-2, 4, 300) / 10),
}
MANY = {
    "normal": (RNG.normal(size=5000), RNG.normal(0.2, 1.1, 900)),
    "same": (RNG.normal(size=5000), RNG.normal(size=5000)),
    "lognormal": (RNG.lognormal(size=4000), RNG.lognormal(0.1, 1, 700)),
    "zeros": (np.maximum(0, RNG.normal(-0.5, 1, 5000)), np.maximum(0, RNG.normal(-0.2, 1, 800))),
    "wider": (RNG.uniform(0, 1, 3000), RNG.uniform(-2, 3, 3000)),
    "infinite": (np.r_[RNG.normal(size=2000), INF], np.r_[RNG.normal(size=300), -INF, INF, np.nan]),
}
COUNTS = {
    "two bins": ([500, 500], [700, 300]),
    "with empty ones": ([10, 0, 5, 0, 85], [1, 0, 0, 9, 10]),
    "twenty": (RNG.integers(1, 90, 20), RNG.integers(1, 9, 20)),
    "a thousand rare": (RNG.multinomial(3000, [0.001] * 1000), RNG.multinomial(300, [0.001] * 1000)),
    "disjoint": ([5, 5, 0, 0], [0, 0, 5, 5]),
    "one bin": ([12], [7]),
    "millions": ([4_000_000, 6_000_000], [41_000, 59_000]),
}


def present(values):
    """Return the values that are not missing, as floats."""
    values = np.asarray(values, dtype=float)
    return values[~np.isnan(values)]


def finite(values):
    """Return the values that have moments."""
    values = present(values)
    return values[np.isfinite(values)]


def measure(name, *arguments):
    """Return the value of a metric."""
    found = METRICS[name].function(*arguments)
    return getattr(found, "value", found)


@pytest.mark.parametrize("name", FEW)
def test_ks_is_scipys_on_columns_of_few_values(counted, name):
    """Every value has a bin of its own, so statistic and p-value are exact."""
    reference, current = FEW[name]
    with np.errstate(all="ignore"):
        truth = stats.ks_2samp(present(reference), present(current), method="asymp")
    both = counted(reference, current)
    assert measure("kolmogorov_smirnov_statistic", *both) == pytest.approx(truth.statistic, abs=1e-12)
    if name == "one row each":
        assert np.isnan(truth.pvalue)
        assert measure("kolmogorov_smirnov_pvalue", *both) is None
    else:
        assert measure("kolmogorov_smirnov_pvalue", *both) == pytest.approx(truth.pvalue, abs=1e-9)


@pytest.mark.parametrize("name", MANY)
def test_ks_is_scipys_within_the_largest_bin(counted, name):
    """A column of many values reads less than scipy's statistic by no more than its largest bin, about 0.001."""
    reference, current = MANY[name]
    both = counted(reference, current)
    truth = stats.ks_2samp(present(reference), present(current), method="asymp")
    shares = [h.counts[:-1] / h.present for h in both]
    bound = max(share[~both[0].bins.points[:-1]].max() for share in shares)
    value = measure("kolmogorov_smirnov_statistic", *both)
    assert truth.statistic - bound - 1e-12 <= value <= truth.statistic + 1e-12
    if name not in ("wider", "infinite"):
        assert truth.statistic - value < 0.0025
    assert measure("kolmogorov_smirnov_pvalue", *both) >= truth.pvalue - 1e-9


@pytest.mark.parametrize("n", [1, 2, 3, 10, 50, 140, 141, 500, 2000, 2001, 20_000])
def test_kolmogorov_survival_is_scipys(n):
    """Our own distribution, fast at any size, agrees with the slow one."""
    for z in np.linspace(0.05, 3.5, 40):
        gap = min(1.0, float(z / np.sqrt(n)))
        assert survival(gap, n) == pytest.approx(stats.kstwo.sf(gap, n), abs=1e-12 if n <= 2000 else 2e-8)


@pytest.mark.parametrize("name", [n for n in FEW if n != "moved constant"])
def test_wasserstein_is_scipys_on_columns_of_few_values(counted, name):
    """As long as no current value lies between reference values the distance is exact."""
    reference, current = (finite(v) for v in FEW[name])
    if name == "few rows":
        current = RNG.choice(reference, 30)
    truth = stats.wasserstein_distance(reference, current)
    assert measure("wasserstein_distance", *counted(reference, current)) == pytest.approx(truth, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", MANY)
def test_wasserstein_is_scipys_within_its_bound(counted, name):
    """Never more than scipy's, and less by at most half the width of the bins where the functions cross."""
    reference, current = MANY[name]
    both = counted(reference, current)
    truth = stats.wasserstein_distance(finite(reference), finite(current))
    value = measure("wasserstein_distance", *both)
    assert value <= truth + 1e-9
    assert value == pytest.approx(truth, rel=0.02 if name != "same" else 0.05)
    spread = np.std(finite(reference), ddof=1)
    assert measure("wasserstein_distance_normed", *both) == pytest.approx(value / spread, rel=1e-9)


@pytest.mark.parametrize("name", MANY)
def test_robust_wasserstein_is_that_of_clipped_values(counted, name):
    """Clipping the values themselves to the reference's usual range gives nearly the same number."""
    reference, current = (finite(v) for v in MANY[name])
    low, high = np.quantile(reference, [0.001, 0.999])
    clipped = [np.clip(v, low, high) for v in (reference, current)]
    truth = stats.wasserstein_distance(*clipped) / np.std(clipped[0], ddof=1)
    assert measure("wasserstein_distance_robust", *counted(reference, current)) == pytest.approx(truth, rel=0.06)


@pytest.mark.parametrize("name", COUNTS)
def test_chi_square_is_scipys(name):
    """Two-sample homogeneity over the bins that are not empty on both sides, without correction."""
    reference, current = (np.array(c) for c in COUNTS[name])
    seen = reference + current > 0
    truth = stats.chi2_contingency([reference[seen], current[seen]], correction=False)
    assert measure("chi_square_statistic", reference, current) == pytest.approx(truth.statistic, rel=1e-9, abs=1e-9)
    assert measure("chi_square_pvalue", reference, current) == pytest.approx(truth.pvalue, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", COUNTS)
def test_distances_of_shares_are_the_textbooks(name):
    """Each distance equals its definition, written another way or by scipy."""
    reference, current = (np.array(c) for c in COUNTS[name])
    p, q = reference / reference.sum(), current / current.sum()
    close = {"rel": 1e-9, "abs": 1e-7}
    assert measure("jensen_shannon_distance", reference, current) == pytest.approx(jensenshannon(p, q, 2), **close)
    hellinger = np.sqrt(max(0.0, 1 - np.sqrt(p * q).sum()))
    assert measure("hellinger_distance", reference, current) == pytest.approx(hellinger, **close)
    assert measure("total_variation_distance", reference, current) == pytest.approx(np.maximum(p - q, 0).sum(), **close)
    seen = reference + current > 0
    p, q = reference[seen] + 0.5, current[seen] + 0.5
    assert measure("kullback_leibler_divergence", reference, current) == pytest.approx(stats.entropy(q, p), **close)
    both = stats.entropy(q, p) + stats.entropy(p, q)
    assert measure("psi", reference, current) == pytest.approx(both, **close)


def test_cramers_v_tends_to_the_plain_one():
    """With many rows and few bins the correction for bias vanishes."""
    table = np.array([[40_000, 60_000, 20_000], [50_000, 40_000, 30_000]])
    plain = stats.contingency.association(table, method="cramer")
    assert measure("cramers_v", *table) == pytest.approx(plain, abs=1e-3)


def test_cramers_v_is_bergsmas():
    """A small table, with the formula of the article written out."""
    table = np.array([[12, 5, 3], [4, 9, 7]])
    n, chi = table.sum(), stats.chi2_contingency(table, correction=False).statistic
    phi, r, k = max(0, chi / n - 2 / (n - 1)), 2 - 1 / (n - 1), 3 - 4 / (n - 1)
    assert measure("cramers_v", *table) == pytest.approx(np.sqrt(phi / (min(r, k) - 1)), rel=1e-12)


@pytest.mark.parametrize("name", [*MANY, "integers", "missing", "few rows", "far from zero"])
def test_moments_are_numpys(counted, name):
    """Mean, standard deviation, shift and their intervals, from sums kept about a centre."""
    reference, current = (MANY | FEW)[name] if name != "infinite" else MANY[name]
    both = counted(reference, current)
    x, y = finite(reference), finite(current)
    assert measure("mean", *both) == pytest.approx(y.mean(), rel=1e-12, abs=1e-12)
    assert measure("standard_deviation", *both) == pytest.approx(y.std(ddof=1), rel=1e-6)
    assert measure("mean_shift", *both) == pytest.approx((y.mean() - x.mean()) / x.std(ddof=1), rel=1e-6, abs=1e-9)
    interval = METRICS["mean"].function(*both)
    truth = stats.t.interval(0.95, len(y) - 1, y.mean(), y.std(ddof=1) / np.sqrt(len(y)))
    assert (interval.low, interval.high) == pytest.approx(truth, rel=1e-9, abs=1e-7)


def test_interval_of_the_shift_is_welchs(counted):
    """Around no shift, where the uncertain standard deviation does not matter, the interval is the t-test's."""
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=60), rng.normal(0, 2, 45)
    y += x.mean() - y.mean()
    truth = stats.ttest_ind(y, x, equal_var=False).confidence_interval()
    found = METRICS["mean_shift"].function(*counted(x, y))
    sd = x.std(ddof=1)
    assert (found.low, found.high) == pytest.approx((truth.low / sd, truth.high / sd), rel=0.005)


@pytest.mark.parametrize("name", [n for n in FEW if n not in ("moved constant", "disjoint", "few rows")])
def test_median_is_exact_on_columns_of_few_values(counted, name):
    """Even and odd numbers of rows, with values that the reference had."""
    reference, current = (finite(v) for v in FEW[name])
    current = current[np.isin(current, reference)]
    if len(current):
        assert measure("median", *counted(reference, current)) == pytest.approx(np.median(current), rel=1e-12)


@pytest.mark.parametrize("name", MANY)
def test_median_is_right_within_its_bin(counted, name):
    """Off by less than the width of the bin that holds it."""
    reference, current = MANY[name]
    both = counted(reference, current)
    bins = both[0].bins
    assert isinstance(bins, NumericBins)
    truth = np.median(finite(current))
    at = np.searchsorted(bins.edges, truth)
    width = bins.edges[min(at + 1, len(bins.edges) - 1)] - bins.edges[max(at - 2, 0)]
    assert measure("median", *both) == pytest.approx(truth, abs=width)
