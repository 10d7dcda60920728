"""Operations: latencies against numpy, rates with their reasons."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import poisson

from monitor.metrics import registered
from monitor.profile.operations import Operations

METRICS = registered()
NONE = Operations(0, 0, 0, np.zeros(0), np.zeros(0, dtype=np.int64))
QUANTILES = {"latency_p50": 0.5, "latency_p95": 0.95, "latency_p99": 0.99}


def served(latencies, statuses=0, errors=0):
    """Return the counts of these latencies, unrounded."""
    sizes, counts = np.unique(np.asarray(latencies, dtype=float), return_counts=True)
    return Operations(len(latencies), statuses, errors, sizes, counts)


@pytest.mark.parametrize("name", QUANTILES)
@pytest.mark.parametrize("n", [1, 2, 19, 20, 100, 101, 5000])
def test_latencies_are_numpys(name, n):
    """The least latency that this share of the answers does not exceed."""
    latencies = np.random.default_rng(n).lognormal(3, 1, n).round(2)
    found = METRICS[name].function(served(latencies), 60.0)
    assert found.value == np.quantile(latencies, QUANTILES[name], method="inverted_cdf")
    assert found.low <= found.value <= found.high
    assert found.n == n


@pytest.mark.parametrize("name", QUANTILES)
def test_intervals_of_latencies_cover(name):
    """Nineteen of twenty intervals hold the true quantile, or nearly."""
    rng = np.random.default_rng(1)
    truth = np.quantile(rng.exponential(40, 1_000_000), QUANTILES[name])
    found = [METRICS[name].function(served(rng.exponential(40, 1000)), 60.0) for _ in range(200)]
    assert np.mean([e.low <= truth <= e.high for e in found]) >= 0.9


def test_throughput_is_rows_per_second():
    """The interval is close to the exact one of a Poisson count."""
    found = METRICS["throughput"].function(served([1.0] * 90), 30.0)
    assert found.value == 3
    assert poisson.sf(89, found.low * 30) == pytest.approx(0.025, abs=0.01)
    assert poisson.cdf(90, found.high * 30) == pytest.approx(0.025, abs=0.01)


def test_error_rate_is_a_share_of_answers_with_a_status():
    """Rows without a status are not answers that went well."""
    found = METRICS["error_rate"].function(served([1.0] * 90, statuses=40, errors=2), 30.0)
    assert (found.value, found.n) == (0.05, 40)


@pytest.mark.parametrize("name", ["throughput", "error_rate", *QUANTILES])
def test_nothing_served_has_reasons(name):
    """A silent window has no speed."""
    assert METRICS[name].function(NONE, 60.0).reason


def test_a_window_without_length_has_no_throughput():
    """Division by no time at all is refused."""
    assert METRICS["throughput"].function(served([1.0]), 0.0).reason == "the window has no length"
