"""Ranking metrics are means over requests, with intervals."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.metrics import registered
from monitor.profile.rankings import MEASURES, Rankings
from monitor.profile.relevance import measures

METRICS = registered()


def rankings(found: dict[str, np.ndarray], k: int, queries: int) -> Rankings:
    """Add up what was measured per request."""
    moments = {name: np.array([(~np.isnan(v)).sum(), np.nansum(v), np.nansum(v**2)]) for name, v in found.items()}
    return Rankings(k, queries, moments, recommended=3, items=4)


def _random(seed: int, queries: int, k: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    query, place = np.divmod(np.arange(queries * 12), 12)
    return measures(query, place, (rng.random(queries * 12) < 0.15).astype(float), queries, k)


@pytest.mark.parametrize("name", MEASURES)
def test_value_is_the_mean_over_requests(name: str) -> None:
    """The value is the mean of what is defined, and n says how many requests that were."""
    found = _random(1, 200, 5)
    estimate = METRICS[f"{name}@k"].function(rankings(found, 5, 200))
    assert estimate.value == pytest.approx(np.nanmean(found[name]), abs=1e-12)
    assert estimate.n == (~np.isnan(found[name])).sum()
    assert 0 <= estimate.low < estimate.value < estimate.high <= 1


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("queries", [100, 1000])
def test_interval_holds_the_truth(name: str, queries: int) -> None:
    """The true mean lies inside for 92 to 98 of 100 samples."""
    truth = float(np.nanmean(_random(2, 200_000, 5)[name]))
    metric = METRICS[f"{name}@k"].function
    inside = 0
    for seed in range(300):
        e = metric(rankings(_random(1000 + seed, queries, 5), 5, queries))
        inside += e.low <= truth <= e.high
    assert 0.92 <= inside / 300 <= 0.985


@pytest.mark.parametrize("name", MEASURES)
def test_without_requests(name: str) -> None:
    """No requests are a reason, not a 0."""
    assert METRICS[f"{name}@k"].function(Rankings(5, 0, {}, 0, 0)).reason == "no requests"


@pytest.mark.parametrize("name", ["recall", "map"])
def test_without_relevant_items(name: str) -> None:
    """Requests in which nothing was relevant have no recall."""
    found = METRICS[f"{name}@k"].function(Rankings(5, 9, {name: np.zeros(3)}, 0, 0))
    assert found.reason == "no request has a relevant item"


def test_coverage() -> None:
    """Coverage is a share of the reference's items, unknown without them."""
    assert METRICS["coverage@k"].function(Rankings(5, 10, {}, recommended=3, items=4)).value == 0.75
    assert METRICS["coverage@k"].function(Rankings(5, 10, {}, 0, 0)).reason == "the reference's items are not known"
    assert METRICS["coverage@k"].function(Rankings(5, 0, {}, 0, 4)).reason == "no requests"
