"""The fast search against numpy's binary search."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.profile.freeze import numeric_bins
from monitor.profile.locate import Locator

N = 20_000


def _values(name: str) -> np.ndarray:
    rng = np.random.default_rng(0)
    normal = rng.normal(size=N)
    return {
        "normal": normal,
        "integers": rng.integers(0, 100, N).astype(float),
        "lognormal": np.exp(normal),
        "zero-inflated": np.where(rng.random(N) < 0.3, 0, rng.gamma(2, 1, N)),
        "far tails": rng.standard_cauchy(N),
        "huge": normal * 1e99,
        "denormal": normal * 1e-310,
        "three far apart": rng.choice([0.0, 1.0, 1e99], N),
        "neighbouring floats": 1e15 + rng.integers(0, 300, N) * 0.125,
        "last digits": 1 + rng.integers(0, 5, N) * 2.220446049250313e-16,
        "heavy counts": np.floor(rng.pareto(1, N)),
        "narrow": 1e9 + normal * 1e-4,
        "rounded": np.round(normal, 2),
        "constant": np.full(N, 3.0),
        "binary": rng.integers(0, 2, N).astype(float),
    }[name]


@pytest.mark.parametrize(
    "name",
    [
        "normal", "integers", "lognormal", "zero-inflated", "far tails", "huge", "denormal", "three far apart",
        "neighbouring floats", "last digits", "heavy counts", "narrow", "rounded", "constant", "binary",
    ],
)  # fmt: skip
def test_locate_equals_binary_search(name: str) -> None:
    """Every value, edge, neighbour of an edge and infinity falls where binary search puts it."""
    values = _values(name)
    edges = numeric_bins(values).edges
    near = [np.nextafter(edges, -np.inf), np.nextafter(edges, np.inf)]
    asked = np.concatenate([values, edges, *near, [np.inf, -np.inf, 1e308, -1e308, 0.0, 5e-324]])
    assert np.array_equal(Locator.build(edges).locate(asked), np.searchsorted(edges, asked, side="right"))


def test_missing_values_disturb_no_others() -> None:
    """NaN gets some bin and leaves the rest where they belong."""
    values = _values("normal")
    edges = numeric_bins(values).edges
    values[::7] = np.nan
    known = ~np.isnan(values)
    found = Locator.build(edges).locate(values)
    assert np.array_equal(found[known], np.searchsorted(edges, values[known], side="right"))
    assert found.min() >= 0
    assert found.max() <= len(edges)


def test_random_edges_equal_binary_search() -> None:
    """Edges that come in pairs, singly, crowded and spread out make no difference."""
    for seed in range(200):
        rng = np.random.default_rng(seed)
        start = rng.choice([1.0, 1e-3, 1e6]) * rng.normal(size=int(rng.integers(2, 300)))
        paired = start[rng.random(len(start)) < rng.choice([0, 0.3, 1])]
        edges = np.unique(np.concatenate([start, np.nextafter(paired, np.inf)]))
        values = np.concatenate([rng.choice(edges, 3000), rng.normal(size=1000)])
        assert np.array_equal(Locator.build(edges).locate(values), np.searchsorted(edges, values, side="right"))
