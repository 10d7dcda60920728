"""The bucket sort against numpy's."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.profile.ascending import ascending

N = 20_000


@pytest.mark.parametrize(
    "name",
    ["normal", "integers", "zero-inflated", "far tails", "huge", "denormal", "spike", "infinite", "two", "in order"],
)
def test_values_are_sorted_as_numpy_sorts_them(name: str) -> None:
    """Crowded, spread out, infinite and equal values come in ascending order."""
    rng = np.random.default_rng(0)
    normal = rng.normal(size=N)
    values = {
        "normal": normal,
        "integers": rng.integers(0, 100, N).astype(float),
        "zero-inflated": np.where(rng.random(N) < 0.3, 0, rng.gamma(2, 1, N)),
        "far tails": rng.standard_cauchy(N),
        "huge": normal * 1e307,
        "denormal": normal * 1e-310,
        "spike": np.where(rng.random(N) < 0.9, normal * 1e-9, normal),
        "infinite": rng.choice([-np.inf, 0.5, np.inf], N),
        "two": rng.choice([-1.0, 1e308], N),
        "in order": np.arange(N) / 7,
    }[name]
    before = values.copy()
    assert np.array_equal(ascending(values), np.sort(values))
    assert np.array_equal(values, before)
