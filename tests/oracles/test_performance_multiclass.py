"""Multiclass performance equals scikit-learn's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as oracle

from monitor.metrics import registered
from monitor.profile.confusion import Confusion
from monitor.profile.scores import Scores

METRICS = registered()
Classes = NDArray[np.int64]


def confusion(y_true: Classes, y_pred: Classes, classes: int, positive: str | None = None) -> Confusion:
    """Count rows by target and decision."""
    matrix = np.bincount(y_true * classes + y_pred, minlength=classes**2).reshape(classes, classes)
    none = np.zeros(classes, dtype=np.int64)
    return Confusion(tuple(map(str, range(classes))), matrix, none, none, positive=positive)


def _random(seed: int, n: int, classes: int, right: float) -> tuple[Classes, Classes, int]:
    rng = np.random.default_rng(seed)
    y_true = rng.choice(classes, n, p=rng.dirichlet(np.ones(classes)))
    return y_true, np.where(rng.random(n) < right, y_true, rng.integers(0, classes, n)), classes


CASES: dict[str, tuple[Classes, Classes, int]] = {
    "random": _random(1, 400, 4, 0.7),
    "many classes": _random(2, 2000, 40, 0.6),
    "no better than chance": _random(3, 300, 5, 0.0),
    "perfect": _random(4, 50, 3, 1.0),
    "a class on neither side": (np.array([0, 1, 1, 3]), np.array([0, 1, 3, 3]), 5),
    "a class never predicted": (np.array([0, 1, 2, 2]), np.array([0, 1, 1, 0]), 3),
    "a class only predicted": (np.array([0, 1, 1, 1]), np.array([0, 2, 1, 1]), 3),
    "nothing right": (np.array([0, 1, 2]), np.array([1, 2, 0]), 3),
    "one row wrong": (np.array([0]), np.array([1]), 3),
}


def _averaged(score: Callable[..., float], average: str) -> Callable[..., float]:
    return lambda t, p: score(t, p, average=average, zero_division=0)


ORACLES: dict[str, Callable[..., float]] = {
    "accuracy": oracle.accuracy_score,
    "balanced_accuracy": oracle.balanced_accuracy_score,
    "matthews_correlation": oracle.matthews_corrcoef,
} | {
    f"{name}_{average}": _averaged(score, average)
    for name, score in (("precision", oracle.precision_score), ("recall", oracle.recall_score), ("f1", oracle.f1_score))
    for average in ("macro", "weighted")
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", ORACLES)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_decisions_equal_scikit_learn(name: str, case: str) -> None:
    """Every metric over classes is scikit-learn's, with its zero for a class of 0/0."""
    y_true, y_pred, classes = CASES[case]
    found = METRICS[name].function(confusion(y_true, y_pred, classes))
    if found.value is None:
        assert (name, case) == ("matthews_correlation", "one row wrong")
        return
    assert found.value == pytest.approx(ORACLES[name](y_true, y_pred), abs=1e-9)
    assert found.n == len(y_true)
    assert found.value - found.low + 1e-15 >= 0
    assert found.high - found.value + 1e-15 >= 0


@pytest.mark.parametrize("name", ["precision", "recall", "f1"])
def test_each_class_equals_scikit_learn(name: str) -> None:
    """With a class as the positive one, the binary metric is scikit-learn's of that class."""
    y_true, y_pred, classes = CASES["many classes"]
    score = {"precision": oracle.precision_score, "recall": oracle.recall_score, "f1": oracle.f1_score}[name]
    for label in range(classes):
        found = METRICS[name].function(confusion(y_true, y_pred, classes, positive=str(label)))
        expected = score(y_true, y_pred, labels=[label], average="macro", zero_division=np.nan)
        assert (np.nan if found.value is None else found.value) == pytest.approx(expected, abs=1e-9, nan_ok=True)


def test_binary_decisions_merge_all_other_classes() -> None:
    """In a binary task every class but the positive one is the same."""
    y_true, y_pred, _ = _random(5, 300, 3, 0.6)
    merged = METRICS["accuracy"].function(confusion(y_true, y_pred, 3, positive="2"))
    assert merged.value == pytest.approx(oracle.accuracy_score(y_true == 2, y_pred == 2), abs=1e-12)


def test_roc_auc_macro_equals_scikit_learn() -> None:
    """The average area is scikit-learn's one against rest."""
    rng = np.random.default_rng(6)
    y_true = rng.integers(0, 4, 500)
    y_score = rng.dirichlet(np.ones(4), 500) + np.eye(4)[y_true] * 0.3
    y_score /= y_score.sum(axis=1, keepdims=True)
    found = METRICS["roc_auc_macro"].function([_one(y_true == c, y_score[:, c]) for c in range(4)])
    assert found.value == pytest.approx(oracle.roc_auc_score(y_true, y_score, multi_class="ovr"), abs=1e-9)
    assert found.n == 500


def _one(truth: NDArray[np.bool_], y_score: NDArray[np.float64]) -> Scores:
    values, at = np.unique(y_score, return_inverse=True)
    positive, negative = (np.bincount(at[rows], minlength=len(values)) for rows in (truth, ~truth))
    none, points = np.zeros(len(values), dtype=np.int64), np.ones(len(values), dtype=bool)
    return Scores(positive, negative, none, points, 0.0, 0.0, 0.0, 0.0, np.zeros((3, 10)), probabilities=True)
