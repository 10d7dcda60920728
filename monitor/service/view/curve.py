"""Curves: what the counts of a model's decisions show beside its numbers, point by point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from monitor.domain.category import class_order
from monitor.domain.model import CLASS_SCORE
from monitor.profile.confusion import Confusion
from monitor.profile.reading import Reading
from monitor.profile.residuals import Residuals
from monitor.profile.scores import Floats, Scores

MOST_POINTS = 200
MOST_CLASSES = 12
BARS = 24


@dataclass(frozen=True, slots=True)
class Curve:
    """Points to be joined, and the rows that they rest on."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    n: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """Mean score against the share that came true, with the bounds of that share, over the filled of ten bins."""

    score: tuple[float, ...]
    share: tuple[float, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows by target (down) and predicted class (across); ``others`` counts rows of classes left out."""

    classes: tuple[str, ...]
    rows: tuple[tuple[int, ...], ...]
    others: int


def scores_of(reading: Reading | None, label: str | None = None) -> Scores | None:
    """Return the scores of all rows, of one class where there are several; None when no row has one."""
    if reading is None:
        return None
    column = "score" if label is None else CLASS_SCORE + label
    found = reading.scores(column).get(()) if column in reading.layout.bins else None
    return found if found is not None and found.n else None


def receiver_operating(scores: Scores) -> Curve | None:
    """Return true against false positive rate over all thresholds; None unless both outcomes are there."""
    positive, negative = _from_above(scores)
    if not positive[-1] or not negative[-1]:
        return None
    return _thinned(negative / negative[-1], positive / positive[-1], scores.n)


def precision_recall(scores: Scores) -> Curve | None:
    """Return precision against recall over all thresholds; None without positive rows."""
    positive, negative = _from_above(scores)
    chosen = positive + negative > 0
    if not positive[-1]:
        return None
    return _thinned((positive / positive[-1])[chosen], (positive[chosen] / (positive + negative)[chosen]), scores.n)


def calibration(scores: Scores) -> Calibration | None:
    """Return how often what was scored so came true; None for scores that are no probabilities."""
    rows, positive, total = scores.calibration
    filled = rows > 0
    if not scores.probabilities or not filled.any():
        return None
    each = (total[filled] / rows[filled], positive[filled] / rows[filled], rows[filled])
    return Calibration(*(tuple(part.tolist()) for part in each))


def matrix(reading: Reading | None) -> Matrix | None:
    """Return the confusion of all rows, of the most frequent classes; None when none is labelled."""
    found = None if reading is None else reading.confusions().get(())
    if found is None or not found.n:
        return None
    frequent = np.argsort(-(found.targets + found.predictions), kind="stable")[:MOST_CLASSES].tolist()
    order = sorted(frequent, key=lambda i: class_order(found.classes[i]))
    rows = tuple(tuple(found.at(i, j) for j in order) for i in order)
    return Matrix(tuple(found.classes[i] for i in order), rows, found.n - sum(map(sum, rows)))


def errors(now: Reading | None, before: Reading | None) -> tuple[Curve | None, Curve | None]:
    """Return how large the errors of a regression are, as shares of the rows over common sizes: now and before."""
    sides = [_residuals(side) for side in (now, before)]
    known = [side for side in sides if side is not None]
    if not known:
        return None, None
    largest = max(_quantile(side, 0.99) for side in known)
    edges = np.linspace(0.0, largest or 1.0, BARS + 1)
    return _sizes(sides[0], edges), _sizes(sides[1], edges)


def totals(found: Confusion | None) -> Sequence[int]:
    """Return true negatives, false positives, false negatives and true positives."""
    return [] if found is None else [int(n) for n in found.two_by_two.reshape(-1)]


def _residuals(reading: Reading | None) -> Residuals | None:
    found = None if reading is None else reading.residuals().get(())
    return found if found is not None and len(found.sizes) else None


def _quantile(side: Residuals, share: float) -> float:
    inside = np.cumsum(side.size_counts)
    return float(side.sizes[min(int(np.searchsorted(inside, share * inside[-1])), len(inside) - 1)])


def _sizes(side: Residuals | None, edges: Floats) -> Curve | None:
    if side is None:
        return None
    at = np.clip(np.searchsorted(edges, side.sizes, side="right") - 1, 0, len(edges) - 2)
    rows = np.bincount(at, side.size_counts, len(edges) - 1)
    middles = (edges[:-1] + edges[1:]) / 2
    return Curve(tuple(middles.tolist()), tuple((rows / rows.sum()).tolist()), int(rows.sum()))


def _from_above(scores: Scores) -> tuple[Floats, Floats]:
    """Return the positive and the negative rows at or above each score, from none to all."""
    sides = (np.concatenate([[0], np.cumsum(side[::-1])]).astype(np.float64) for side in _sides(scores))
    positive, negative = sides
    return positive, negative


def _sides(scores: Scores) -> tuple[Floats, Floats]:
    return scores.positive.astype(np.float64), scores.negative.astype(np.float64)


def _thinned(x: Floats, y: Floats, n: int) -> Curve:
    """Keep the points where the curve has gone on by a step, its ends among them."""
    travelled = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    if len(x) > MOST_POINTS:
        wanted = np.linspace(0, travelled[-1], MOST_POINTS)
        kept = np.unique(np.clip(np.searchsorted(travelled, wanted), 0, len(x) - 1))
        x, y = x[kept], y[kept]
    return Curve(tuple(x.tolist()), tuple(y.tolist()), n)
