"""Confusions, scores, log-loss and residuals by group, out of their tallies."""

from __future__ import annotations

import numpy as np

from monitor.domain.category import class_order
from monitor.profile.bins import NumericBins
from monitor.profile.cells import DENSE, Cells
from monitor.profile.confusion import Confusion
from monitor.profile.count.residuals import POWERS
from monitor.profile.magnitude import BINS, middle
from monitor.profile.residuals import Residuals
from monitor.profile.scores import CALIBRATION_BINS, LogLoss, Scores
from monitor.profile.tally import Floats, Ints, Key, Tally


def read_confusion(cells: list[tuple[str | None, str | None, int]], positive: str | None) -> Confusion:
    """Return the confusion of ``(target, predicted, rows)`` cells; None stands for not known."""
    classes = sorted(
        {c for target, predicted, _ in cells for c in (target, predicted) if c is not None}, key=class_order
    )
    place: dict[str | None, int] = {c: i for i, c in enumerate(classes)}
    size = len(classes)
    at = [(place.get(target, size), place.get(predicted, size), n) for target, predicted, n in cells]
    targets, predictions, rows = np.array(at, dtype=np.int64).reshape(-1, 3).T
    known = (targets < size) & (predictions < size)
    inner = Cells(size, targets[known], predictions[known], rows[known])
    edge = Cells(size + 1, targets[~known], predictions[~known], rows[~known])  # its last class: not known
    matrix = inner if size > DENSE else inner.square()
    unlabelled, undecided = edge.by_prediction[:size], edge.by_target[:size]
    return Confusion(tuple(classes), matrix, unlabelled, undecided, edge.at(size, size), positive)


def read_scores(
    scored: Tally, calibration: Tally | None, bins: NumericBins, *, probabilities: bool
) -> dict[Key, Scores]:
    """Return the scores of each group out of rows labelled ``(*group, truth)``."""
    rows: dict[Key, dict[str | None, int]] = {}
    for i, key in enumerate(scored.keys):
        rows.setdefault(key[:-1], {})[key[-1]] = i
    tables = _calibrations(calibration)
    found = {}
    for group, at in rows.items():
        positive, negative, unlabelled = (_cells(scored, at.get(truth)) for truth in ("1", "0", None))
        first, second, error, error_square = scored.sums[sorted(at.values())].sum(axis=0).tolist()
        table = tables.get(group, np.zeros((3, CALIBRATION_BINS)))
        found[group] = Scores(
            positive=positive,
            negative=negative,
            unlabelled=unlabelled,
            points=bins.points[:-1],
            score_sum=first,
            score_square=second,
            squared_error=error,
            squared_error_square=error_square,
            calibration=table,
            probabilities=probabilities,
        )
    return found


def _cells(tally: Tally, row: int | None) -> Ints:
    """Return one label's rows per bin."""
    counts = np.zeros(tally.width, dtype=np.int64)
    if row is not None:
        a, b = np.searchsorted(tally.cells, (row * tally.width, (row + 1) * tally.width))
        counts[tally.cells[a:b] - row * tally.width] = tally.counts[a:b]
    return counts


def _calibrations(tally: Tally | None) -> dict[Key, Floats]:
    """Return by group, per tenth of [0, 1]: labelled rows, positive ones, sum of scores; shape ``(3, 10)``."""
    tables: dict[Key, Floats] = {}
    if tally is None:
        return tables
    counts, weights = tally.dense()
    for row, key in enumerate(tally.keys):
        table = tables.setdefault(key[:-1], np.zeros((3, CALIBRATION_BINS)))
        table[0] += counts[row]
        table[2] += weights[row]
        if key[-1] == "1":
            table[1] += counts[row]
    return tables


def read_log_loss(tally: Tally, *, probabilities: bool) -> dict[Key, LogLoss]:
    """Return the log-loss sums of each group."""
    each = zip(tally.keys, tally.counts.tolist(), tally.sums.tolist(), strict=True)
    return {key: LogLoss(n, first, second, probabilities) for key, n, (first, second) in each}


def read_residuals(tally: Tally, centre: float) -> dict[Key, Residuals]:
    """Return the residuals of each group out of rows labelled ``(*group, state)``."""
    totals = dict(zip(tally.keys, tally.totals().tolist(), strict=True))
    rows = tally.index
    groups = dict.fromkeys(key[:-1] for key in tally.keys)
    return {group: _residuals(tally, totals, rows, group, centre) for group in groups}


def _residuals(tally: Tally, totals: dict[Key, int], rows: dict[Key, int], group: Key, centre: float) -> Residuals:
    row = rows.get((*group, "ok"))
    n = totals.get((*group, "ok"), 0)
    power = np.zeros((5, 5))
    power[0, 0] = n
    sums = np.zeros(len(POWERS) + 6) if row is None else tally.sums[row]
    for at, value in zip(POWERS, sums, strict=False):
        power[at] = value
    absolute, known, relative, relative_square, symmetric, symmetric_square = sums[len(POWERS) :]
    a, b = (0, 0) if row is None else np.searchsorted(tally.cells, (row * BINS, (row + 1) * BINS))
    sizes = middle(tally.cells[a:b] - (row or 0) * BINS)
    return Residuals(
        power=power,
        absolute=float(absolute),
        relative=np.array([known, relative, relative_square]),
        symmetric=np.array([n, symmetric, symmetric_square]),
        sizes=sizes,
        size_counts=tally.counts[a:b],
        largest=None if row is None else float(tally.highs[row, 0]),
        centre=centre,
        unlabelled=totals.get((*group, "unlabelled"), 0),
        unusable=totals.get((*group, "unusable"), 0),
    )
