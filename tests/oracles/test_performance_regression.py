"""Regression performance equals scikit-learn's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as oracle

from monitor.metrics import registered
from monitor.profile.residuals import Residuals

METRICS = registered()
Floats = NDArray[np.float64]


def residuals(y_true: Floats, y_pred: Floats, centre: float = 0.0) -> Residuals:
    """Add up the errors of rows, every size of an error a bin of its own."""
    e, y = y_pred - y_true, y_true - centre
    power = np.array([[(e**i * y**j).sum() if i + j <= 4 else 0.0 for j in range(5)] for i in range(5)])
    relative = np.abs(e[y_true != 0] / y_true[y_true != 0])
    both = np.abs(y_true) + np.abs(y_pred)
    symmetric = np.divide(2 * np.abs(e), both, out=np.zeros(len(e)), where=both > 0)
    sizes, counts = np.unique(np.abs(e), return_counts=True)
    moments = [np.array([len(v), v.sum(), (v**2).sum()]) for v in (relative, symmetric)]
    absolute, largest = float(np.abs(e).sum()), float(np.abs(e).max())
    return Residuals(power, absolute, *moments, sizes, counts, largest, centre, unlabelled=0, unusable=0)


def _normal(seed: int, n: int, offset: float = 0.0) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    y_true = offset + 5 * rng.normal(size=n)
    return y_true, y_true + rng.normal(0.5, 2, size=n)


CASES: dict[str, tuple[Floats, Floats]] = {
    "random": _normal(1, 501),
    "even rows": _normal(2, 40, 10),
    "far from zero": _normal(3, 300, 1e6),
    "heavy tails": (np.random.default_rng(4).standard_cauchy(200), np.random.default_rng(5).standard_cauchy(200)),
    "equal errors": (np.arange(20.0) + 1, np.arange(20.0) + 3),
    "two rows": (np.array([1.0, 4.0]), np.array([2.0, 2.0])),
    "tiny": (np.array([1e-9, 3e-9, 2e-9]), np.array([2e-9, 2e-9, 2e-9])),
    "huge": (np.array([1e60, 3e60, 2e60]), np.array([2e60, 2e60, 2e60])),
}


def _symmetric(y_true: Floats, y_pred: Floats) -> float:
    return float(np.mean(2 * np.abs(y_true - y_pred) / (np.abs(y_true) + np.abs(y_pred))))


ORACLES: dict[str, Callable[..., float]] = {
    "mean_absolute_error": oracle.mean_absolute_error,
    "mean_squared_error": oracle.mean_squared_error,
    "root_mean_squared_error": oracle.root_mean_squared_error,
    "median_absolute_error": oracle.median_absolute_error,
    "mean_absolute_percentage_error": oracle.mean_absolute_percentage_error,
    "symmetric_mean_absolute_percentage_error": _symmetric,
    "max_error": oracle.max_error,
    "r2": oracle.r2_score,
    "mean_error": lambda t, p: np.mean(p - t),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", ORACLES)
def test_errors_equal_scikit_learn(name: str, case: str) -> None:
    """Every metric of errors is scikit-learn's."""
    y_true, y_pred = CASES[case]
    found = METRICS[name].function(residuals(y_true, y_pred, centre=float(np.median(y_true))))
    assert found.value == pytest.approx(ORACLES[name](y_true, y_pred), rel=1e-9, abs=0)
    assert found.n == len(y_true)
    assert found.low is None or found.low <= found.value <= found.high


def test_percentage_error_skips_targets_of_zero() -> None:
    """Rows with a target of 0 leave the percentage error, and its n says so."""
    y_true, y_pred = np.array([0.0, 1.0, 2.0]), np.array([5.0, 2.0, 3.0])
    found = METRICS["mean_absolute_percentage_error"].function(residuals(y_true, y_pred))
    assert (found.value, found.n) == (pytest.approx(0.75), 2)


def test_symmetric_error_of_zero_and_zero_is_zero() -> None:
    """A prediction of 0 for a target of 0 is no error."""
    found = METRICS["symmetric_mean_absolute_percentage_error"].function(residuals(np.zeros(2), np.array([0.0, 1.0])))
    assert (found.value, found.n) == (1.0, 2)


def test_r2_does_not_depend_on_the_centre() -> None:
    """The sums' centre moves neither r2 nor its interval."""
    y_true, y_pred = CASES["random"]
    here, there = (METRICS["r2"].function(residuals(y_true, y_pred, centre)) for centre in (0.0, 30.0))
    assert (there.value, there.low, there.high) == pytest.approx((here.value, here.low, here.high), rel=1e-8)


def test_values_too_large_to_square_are_undefined() -> None:
    """Where a sum overflows there is a reason instead of infinity."""
    with np.errstate(over="ignore", invalid="ignore"):
        sums = residuals(np.array([0.0, 1.0]), np.array([1e200, 1.0]))
    assert METRICS["mean_squared_error"].function(sums).reason == "the values are too large to add up"
    assert METRICS["mean_absolute_error"].function(sums).value == 5e199
