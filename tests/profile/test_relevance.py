"""Relevance measures against scikit-learn and against their plain definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from monitor.profile.relevance import measures


def _lists(seed: int, *, graded: bool) -> list[list[float]]:
    rng = np.random.default_rng(seed)
    lists = []
    for _ in range(60):
        size = int(rng.integers(1, 15))
        relevant = rng.random(size) < rng.choice([0.0, 0.1, 0.5])
        lists.append((relevant * (rng.integers(1, 5, size) if graded else 1)).astype(float).tolist())
    return lists


def _measured(lists: list[list[float]], k: int) -> dict[str, list[float]]:
    query = np.repeat(np.arange(len(lists)), [len(each) for each in lists])
    place = np.concatenate([np.arange(len(each)) for each in lists])
    found = measures(query, place, np.concatenate(lists), len(lists), k)
    return {name: values.tolist() for name, values in found.items()}


def _plain(relevance: list[float], k: int) -> dict[str, float]:
    hits = [r > 0 for r in relevance]
    total, top = sum(hits), hits[:k]
    precisions = [sum(hits[: i + 1]) / (i + 1) for i in range(len(top)) if top[i]]
    return {
        "precision": sum(top) / k,
        "recall": sum(top) / total if total else math.nan,
        "map": sum(precisions) / min(k, total) if total else math.nan,
        "mrr": 1 / (top.index(True) + 1) if any(top) else 0.0,
        "hit_rate": float(any(top)),
    }


@pytest.mark.parametrize("k", [1, 3, 5, 100])
@pytest.mark.parametrize("graded", [False, True])
def test_ndcg_equals_scikit_learn(k: int, *, graded: bool) -> None:
    """Every request's ndcg is scikit-learn's of the same list."""
    lists = _lists(k, graded=graded)
    for relevance, value in zip(lists, _measured(lists, k)["ndcg"], strict=True):
        if len(relevance) > 1:
            order = -np.arange(len(relevance), dtype=float)
            assert value == pytest.approx(ndcg_score([relevance], [order], k=k), abs=1e-12)


@pytest.mark.parametrize("k", [1, 2, 5, 50])
def test_measures_equal_their_definitions(k: int) -> None:
    """The other measures equal what their definition gives, one list at a time."""
    lists = _lists(10 + k, graded=True)
    found = _measured(lists, k)
    for i, relevance in enumerate(lists):
        for name, value in _plain(relevance, k).items():
            assert found[name][i] == pytest.approx(value, abs=1e-12, nan_ok=True), name


def test_request_without_rows_is_undefined() -> None:
    """A request that has no rows has no measure at all."""
    found = measures(np.array([0, 2]), np.array([0, 0]), np.array([1.0, 0.0]), 3, 5)
    assert all(math.isnan(values[1]) for values in found.values())


def test_no_requests_give_empty_arrays() -> None:
    """No rows and no requests are not an error."""
    none = np.zeros(0, dtype=np.int64)
    assert all(len(values) == 0 for values in measures(none, none, np.zeros(0), 0, 5).values())


@pytest.mark.parametrize("relevance", [-1.0, math.inf, 1e308])
def test_gain_without_meaning_leaves_ndcg_undefined(relevance: float) -> None:
    """A negative or endless relevance undoes ndcg for its request alone."""
    found = measures(np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([1.0, relevance, 1.0]), 2, 5)
    assert math.isnan(found["ndcg"][0])
    assert found["ndcg"][1] == 1.0
    assert found["precision"][0] == (0.2 if relevance < 0 else 0.4)
