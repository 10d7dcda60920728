"""Binary performance equals scikit-learn's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as oracle

from monitor.metrics import Estimate, registered
from monitor.profile.confusion import Confusion
from monitor.profile.scores import LogLoss, Scores

METRICS = registered()
Rows = tuple[NDArray[np.int64], NDArray[np.float64]]


def confusion(y_true: NDArray[np.int64], y_pred: NDArray[np.int64]) -> Confusion:
    """Count rows by target and decision."""
    matrix = np.bincount(y_true * 2 + y_pred, minlength=4).reshape(2, 2)
    none = np.zeros(2, dtype=np.int64)
    return Confusion(("0", "1"), matrix, none, none, positive="1")


def scores(y_true: NDArray[np.int64], y_score: NDArray[np.float64]) -> Scores:
    """Count rows by score, every value a bin of its own."""
    values, at = np.unique(y_score, return_inverse=True)
    positive, negative = (np.bincount(at[y_true == truth], minlength=len(values)) for truth in (1, 0))
    error = (y_score - y_true) ** 2
    tenth = np.minimum((y_score * 10).astype(int), 9)
    calibration = np.array([np.bincount(tenth, weights, 10) for weights in (np.ones(len(tenth)), y_true, y_score)])
    sums = (y_score.sum(), (y_score**2).sum(), error.sum(), (error**2).sum())
    none, points = np.zeros(len(values), dtype=np.int64), np.ones(len(values), dtype=bool)
    return Scores(positive, negative, none, points, *map(float, sums), calibration, probabilities=True)


def log_loss(y_true: NDArray[np.int64], y_score: NDArray[np.float64]) -> LogLoss:
    """Add up the surprise of every row."""
    tiny = np.finfo(float).eps
    surprise = -np.log(np.clip(np.where(y_true == 1, y_score, 1 - y_score), tiny, 1 - tiny))
    return LogLoss(len(y_true), float(surprise.sum()), float((surprise**2).sum()), probabilities=True)


def _normal(seed: int, n: int, base: float) -> Rows:
    rng = np.random.default_rng(seed)
    y_true = (rng.random(n) < base).astype(np.int64)
    y_true[:2] = 0, 1
    return y_true, 1 / (1 + np.exp(2 - 2 * y_true - rng.normal(size=n)))


def _rounded(seed: int, n: int, base: float) -> Rows:
    y_true, y_score = _normal(seed, n, base)
    return y_true, np.round(y_score, 1)


CASES: dict[str, Rows] = {
    "random": _normal(1, 500, 0.4),
    "rare positives": _normal(2, 5000, 0.003),
    "many ties": _rounded(3, 800, 0.3),
    "one score": (np.array([0, 1, 1, 0]), np.full(4, 0.7)),
    "perfect": (np.array([0, 0, 1, 1]), np.array([0.0, 0.1, 0.9, 1.0])),
    "always wrong": (np.array([1, 1, 0, 0]), np.array([0.0, 0.1, 0.9, 1.0])),
    "two rows": (np.array([0, 1]), np.array([0.2, 0.6])),
    "scores at both ends": (np.array([0, 1, 0, 1, 1]), np.array([0.0, 1.0, 1.0, 0.0, 1.0])),
    "a hair apart": (np.array([0, 1, 0, 1]), np.array([0.5, np.nextafter(0.5, 1), np.nextafter(0.5, 0), 0.5])),
}
ORACLES: dict[str, Callable[..., float]] = {
    "accuracy": oracle.accuracy_score,
    "balanced_accuracy": oracle.balanced_accuracy_score,
    "precision": oracle.precision_score,
    "recall": oracle.recall_score,
    "specificity": lambda t, p: oracle.recall_score(t, p, pos_label=0),
    "false_positive_rate": lambda t, p: 1 - oracle.recall_score(t, p, pos_label=0),
    "false_negative_rate": lambda t, p: 1 - oracle.recall_score(t, p),
    "f1": oracle.f1_score,
    "matthews_correlation": oracle.matthews_corrcoef,
    "selection_rate": lambda _, p: p.mean(),
    "base_rate": lambda t, _: t.mean(),
}
SCORE_ORACLES: dict[str, Callable[..., float]] = {
    "roc_auc": oracle.roc_auc_score,
    "average_precision": oracle.average_precision_score,
    "brier_score": oracle.brier_score_loss,
    "mean_score": lambda _, s: s.mean(),
}


def _is(found: Estimate, expected: float, n: int) -> None:
    assert found.value == pytest.approx(expected, abs=1e-9)
    assert found.n == n
    assert found.low is None or (found.high is not None and found.low <= found.value <= found.high)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", ORACLES)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
def test_decisions_equal_scikit_learn(name: str, case: str) -> None:
    """Every metric of decisions is scikit-learn's, or undefined where that one warns or says 0 for 0/0."""
    y_true, y_score = CASES[case]
    y_pred = (y_score >= 0.5).astype(np.int64)
    found = METRICS[name].function(confusion(y_true, y_pred))
    if found.value is None:
        assert (name, len(set(y_pred))) in {("precision", 1), ("matthews_correlation", 1)}
        return
    _is(found, ORACLES[name](y_true, y_pred), len(y_true))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", SCORE_ORACLES)
def test_scores_equal_scikit_learn(name: str, case: str) -> None:
    """Every metric of scores is scikit-learn's when each value has its own bin."""
    y_true, y_score = CASES[case]
    _is(METRICS[name].function(scores(y_true, y_score)), SCORE_ORACLES[name](y_true, y_score), len(y_true))


@pytest.mark.parametrize("case", CASES)
def test_log_loss_equals_scikit_learn(case: str) -> None:
    """The log loss is scikit-learn's, sure answers that are wrong included."""
    y_true, y_score = CASES[case]
    _is(METRICS["log_loss"].function(log_loss(y_true, y_score)), oracle.log_loss(y_true, y_score), len(y_true))


@pytest.mark.parametrize("case", CASES)
def test_calibration_error_equals_its_definition(case: str) -> None:
    """The calibration error is what a loop over ten bins gives."""
    y_true, y_score = CASES[case]
    tenth = np.minimum((y_score * 10).astype(int), 9)
    gaps = [abs((y_true - y_score)[tenth == bin_].sum()) for bin_ in range(10)]
    _is(METRICS["expected_calibration_error"].function(scores(y_true, y_score)), sum(gaps) / len(y_true), len(y_true))


@pytest.mark.parametrize("seed", range(5))
def test_roc_auc_of_wide_bins_stays_within_its_bound(seed: int) -> None:
    """Where bins hold several values the area is off by no more than half the pairs that share a bin."""
    y_true, y_score = _normal(seed, 400, 0.3)
    wide = scores(y_true, np.round(y_score * 20) / 20)
    shared = float((wide.positive * wide.negative).sum()) / (wide.positive.sum() * wide.negative.sum())
    value = METRICS["roc_auc"].function(wide).value
    assert abs(value - oracle.roc_auc_score(y_true, y_score)) <= shared / 2


def test_delong_variance_equals_the_pairwise_one() -> None:
    """The variance from counts is the one of placements, row by row."""
    y_true, y_score = _rounded(9, 300, 0.4)
    positive, negative = y_score[y_true == 1], y_score[y_true == 0]
    wins = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    variance = wins.mean(axis=1).var(ddof=1) / len(positive) + wins.mean(axis=0).var(ddof=1) / len(negative)
    found = METRICS["roc_auc"].function(scores(y_true, y_score))
    size, z = found.value * (1 - found.value) / variance, 1.959963984540054
    width = 2 * z / (size + z * z) * np.sqrt(found.value * (1 - found.value) * size + z * z / 4)
    assert found.high - found.low == pytest.approx(width, rel=1e-9)
