"""The 95 % intervals of performance hold the truth about 95 times in 100, by simulation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from monitor.metrics import registered
from monitor.profile.confusion import Confusion
from monitor.profile.residuals import Residuals
from monitor.profile.scores import LogLoss, Scores

METRICS = registered()
Rng = np.random.Generator
SAMPLES = 400
MANY = 2000  # samples where drawing one is cheap
EXACT = 400_000  # rows that stand for the truth


def binary(base: float, hit: float, false: float) -> Callable[[Rng, int], Confusion]:
    """Draw decisions with this base rate, recall and false positive rate."""
    shares = [(1 - base) * (1 - false), (1 - base) * false, base * (1 - hit), base * hit]
    none = np.zeros(2, dtype=np.int64)
    return lambda rng, n: Confusion(("0", "1"), rng.multinomial(n, shares).reshape(2, 2), none, none, positive="1")


def multiclass(shares: list[float], right: float) -> Callable[[Rng, int], Confusion]:
    """Draw decisions that are right this often and any class at all otherwise."""
    k = len(shares)
    cells = np.outer(shares, np.full(k, (1 - right) / k)) + np.diag(right * np.array(shares))
    none, classes = np.zeros(k, dtype=np.int64), tuple(map(str, range(k)))
    return lambda rng, n: Confusion(classes, rng.multinomial(n, cells.ravel()).reshape(k, k), none, none)


def scored(base: float, distance: float) -> Callable[[Rng, int], Scores]:
    """Draw scores of two normal classes this many deviations apart, in bins as fine as a thousandth."""

    def draw(rng: Rng, n: int) -> Scores:
        y_true = rng.random(n) < base
        odds = np.log(base / (1 - base)) + distance * (rng.normal(size=n) + distance * (y_true - 0.5))
        y_score = np.round(1 / (1 + np.exp(-odds)), 3)
        at = np.round(y_score * 1000).astype(int)
        positive, negative = np.bincount(at[y_true], minlength=1001), np.bincount(at[~y_true], minlength=1001)
        error, tenth = (y_score - y_true) ** 2, np.minimum((y_score * 10).astype(int), 9)
        calibration = np.array([np.bincount(tenth, w, 10) for w in (np.ones(n), y_true, y_score)])
        sums = (y_score.sum(), (y_score**2).sum(), error.sum(), (error**2).sum())
        none, points = np.zeros(1001, dtype=np.int64), np.ones(1001, dtype=bool)
        return Scores(positive, negative, none, points, *map(float, sums), calibration, probabilities=True)

    return draw


def errors(spread: Callable[[Rng, int], np.ndarray]) -> Callable[[Rng, int], Residuals]:
    """Draw targets around 20 and errors of this kind."""

    def draw(rng: Rng, n: int) -> Residuals:
        e, target = spread(rng, n), 20 + 3 * rng.normal(size=n)
        y, size = target - 20, np.abs(e)
        power = np.array([[float((e**i * y**j).sum()) if i + j <= 4 else 0.0 for j in range(5)] for i in range(5)])
        shares = size / np.abs(target), 2 * size / (np.abs(target) + np.abs(target + e))
        relative, symmetric = (np.array([n, s.sum(), (s**2).sum()]) for s in shares)
        ordered, ones = np.sort(size), np.ones(n, dtype=np.int64)
        return Residuals(power, float(size.sum()), relative, symmetric, ordered, ones, float(size.max()), 20.0, 0, 0)

    return draw


def surprise(rng: Rng, n: int) -> LogLoss:
    """Draw the surprises of an honest model."""
    p = rng.beta(2, 2, n)
    loss = -np.log(np.where(rng.random(n) < p, p, 1 - p))
    return LogLoss(n, float(loss.sum()), float((loss**2).sum()), probabilities=True)


def share_inside(name: str, draw: Callable[[Rng, int], object], n: int, samples: int = SAMPLES) -> float:
    """Return how often the interval at n rows holds the value at very many."""
    rng, measure = np.random.default_rng(2024), METRICS[name].function
    truth = measure(draw(rng, EXACT)).value
    found = [measure(draw(rng, n)) for _ in range(samples)]
    defined = [e for e in found if e.value is not None]
    return sum(e.low <= truth <= e.high for e in defined) / len(defined)


DECISIONS = ["accuracy", "balanced_accuracy", "precision", "recall", "specificity", "f1", "matthews_correlation"]
AVERAGES = [f"{name}_{kind}" for name in ("precision", "recall", "f1") for kind in ("macro", "weighted")]
OVER_CLASSES = ["accuracy", "balanced_accuracy", "matthews_correlation", *AVERAGES]
SCORES = ["roc_auc", "average_precision", "brier_score", "mean_score"]
ERRORS = ["mean_absolute_error", "mean_squared_error", "mean_error", "median_absolute_error", "r2"]
SHARES = ["mean_absolute_percentage_error", "symmetric_mean_absolute_percentage_error"]


@pytest.mark.parametrize("n", [100, 1000])
@pytest.mark.parametrize("name", DECISIONS)
def test_decisions(name: str, n: int) -> None:
    """At ordinary rates the intervals of decisions keep their promise."""
    assert 0.92 <= share_inside(name, binary(0.4, 0.8, 0.15), n, MANY) <= 0.98


@pytest.mark.parametrize("case", [(0.5, 0.99, 0.01), (0.05, 0.95, 0.01), (0.95, 0.9, 0.5), (0.3, 0.02, 0.02)])
@pytest.mark.parametrize("name", DECISIONS)
def test_decisions_near_the_ends(name: str, case: tuple[float, float, float]) -> None:
    """Near 0 and 1 the intervals of decisions miss no more than 1 in 10."""
    assert share_inside(name, binary(*case), 100) >= 0.9


@pytest.mark.parametrize("n", [100, 1000])
@pytest.mark.parametrize("name", OVER_CLASSES)
def test_averages_over_classes(name: str, n: int) -> None:
    """Intervals of averages over three classes keep their promise."""
    assert 0.92 <= share_inside(name, multiclass([0.5, 0.3, 0.2], 0.7), n, MANY) <= 0.98


@pytest.mark.parametrize("shares", [[0.2] * 5, [0.9, 0.07, 0.03]])
@pytest.mark.parametrize("name", OVER_CLASSES)
def test_averages_near_the_ends(name: str, shares: list[float]) -> None:
    """With rare classes, or all but perfect, averages miss no more than 1 in 10."""
    assert share_inside(name, multiclass(shares, 0.95), 100) >= 0.9


@pytest.mark.parametrize("n", [100, 1000])
@pytest.mark.parametrize("name", SCORES)
def test_scores(name: str, n: int) -> None:
    """At ordinary scores the intervals keep their promise."""
    assert 0.92 <= share_inside(name, scored(0.3, 1.5), n) <= 0.98


@pytest.mark.parametrize("case", [(0.5, 3.5), (0.03, 1.5), (0.03, 3.0)])
@pytest.mark.parametrize("name", ["roc_auc", "average_precision", "brier_score"])
def test_scores_near_the_ends(name: str, case: tuple[float, float]) -> None:
    """With rare positives, or all but perfect ranking, scores miss no more than 1 in 10."""
    assert share_inside(name, scored(*case), 300) >= 0.9


@pytest.mark.parametrize("case", [(0.3, 1.5), (0.03, 1.5), (0.5, 3.5)])
@pytest.mark.parametrize("n", [100, 1000])
def test_calibration_error_is_not_fooled_by_chance(case: tuple[float, float], n: int) -> None:
    """An honest model's calibration error of about 0 stays inside, although chance shows more."""
    assert share_inside("expected_calibration_error", scored(*case), n) >= 0.95


@pytest.mark.parametrize("n", [100, 1000])
@pytest.mark.parametrize("name", ERRORS + SHARES)
def test_errors(name: str, n: int) -> None:
    """Intervals of normal errors keep their promise."""
    assert 0.92 <= share_inside(name, errors(lambda rng, m: rng.normal(0.3, 1, m)), n) <= 0.98


@pytest.mark.parametrize("name", ERRORS + SHARES)
def test_heavy_errors(name: str) -> None:
    """Errors with heavy tails are missed no more than 1 in 10."""
    assert share_inside(name, errors(lambda rng, m: rng.laplace(0.3, 1, m)), 100) >= 0.9


@pytest.mark.parametrize("n", [100, 1000])
def test_log_loss(n: int) -> None:
    """The interval of an honest model's surprise keeps its promise."""
    assert 0.92 <= share_inside("log_loss", surprise, n) <= 0.98
