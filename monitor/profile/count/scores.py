"""Counts of rows by score bin, whether the class came true, and attribute set."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.domain.category import class_text
from monitor.domain.model import CLASS_SCORE
from monitor.profile.bins import Floats
from monitor.profile.count.groups import label, part
from monitor.profile.encode import Coded, Encoded
from monitor.profile.locate import Codes
from monitor.profile.scores import CALIBRATION_BINS
from monitor.profile.slots import Label, Slots, count
from monitor.profile.tally import Ints, Tally

_SMALLEST = np.finfo(np.float64).eps  # scikit-learn clips probabilities there too


def count_scores(rows: Encoded, slots: Slots) -> dict[str, list[Tally]]:
    """Count each class score by ``(*attribute values, truth)``, truth being 1, 0 or None.

    Squared errors are summed beside.
    """
    model = rows.layout.model
    counted: dict[str, list[Tally]] = {}
    columns = {CLASS_SCORE + c: class_text(c) for c in model.score_classes} or {"score": model.positive}
    for column, name in columns.items():
        if column not in rows.layout.bins:
            continue
        truth = _truth(rows.target, name)
        scored = _scored(rows, slots, column, slots.take(truth[0]))
        for attributes in model.attributes:
            code, keys = label(rows, slots, attributes, truth)
            by_score, by_tenth = _one(slots, scored, code, keys)
            counted |= {part(column, attributes): by_score, part(f"calibration {column}", attributes): by_tenth}
    return counted


class _Scored(NamedTuple):
    """What is known of each row's score, in the order of the slots; sums are of score and error and their squares."""

    codes: Codes
    width: int
    sums: tuple[Floats, Floats, Floats, Floats]
    calibration: Ints
    usable: NDArray[np.bool_]


def _scored(rows: Encoded, slots: Slots, column: str, outcome: Ints) -> _Scored:
    codes, known = rows.binned(column)
    codes = slots.take(codes)
    width = len(rows.layout.bins[column]) - 1
    value = np.zeros(rows.n) if known is None else np.nan_to_num(slots.take(known.values), nan=0.0)
    judged = (outcome < 2) & rows.layout.probabilities(column)
    error = np.where(judged, (np.clip(value, 0.0, 1.0) - outcome) ** 2, 0.0) if judged.any() else np.zeros(rows.n)
    bins = np.clip(value * CALIBRATION_BINS, 0, CALIBRATION_BINS - 1).astype(np.int64)
    return _Scored(codes, width, (value, value**2, error, error**2), bins, (outcome < 2) & (codes < width))


def _one(slots: Slots, scored: _Scored, code: Ints, keys: Label) -> tuple[list[Tally], list[Tally]]:
    """Count the rows of one attribute set by score, and those with a truth by tenths of the score."""
    address = np.where(scored.codes < scored.width, code * scored.width + scored.codes, -1)
    tenth = np.where(scored.usable, code * CALIBRATION_BINS + scored.calibration, -1)
    by_score = count(slots, address, scored.width, keys, sums=scored.sums)
    return by_score, count(slots, tenth, CALIBRATION_BINS, keys, weights=scored.sums[0])


def count_log_loss(rows: Encoded, slots: Slots) -> dict[str, list[Tally]]:
    """Sum ``-ln p(target)`` and its square over labelled rows with a probability, per attribute set."""
    loss = slots.take(_loss(rows))
    unknown = np.isnan(loss)
    value = np.where(unknown, 0.0, loss)
    sums = value, value**2
    counted = {}
    for attributes in rows.layout.model.attributes:
        code, keys = label(rows, slots, attributes)
        counted[part("log loss", attributes)] = count(slots, np.where(unknown, -1, code), 1, keys, sums=sums)
    return counted


def _loss(rows: Encoded) -> Floats:
    """Return the loss of each row, NaN where target or probability is missing."""
    model = rows.layout.model
    codes, texts = rows.target
    if model.score_classes:
        probability = np.full(rows.n, np.nan)
        for name in model.score_classes:
            at = _truth((codes, texts), class_text(name))[0] == 1
            probability[at] = rows.numbers(CLASS_SCORE + name)[at]
    else:
        truth, score = _truth((codes, texts), model.positive)[0], rows.numbers("score")
        probability = np.where(truth == 1, score, np.where(truth == 0, 1 - score, np.nan))
    with np.errstate(invalid="ignore"):
        loss: Floats = -np.log(np.clip(probability, _SMALLEST, 1 - _SMALLEST))
    return loss


def _truth(target: Coded, name: str | None) -> Coded:
    """Return 1 where the class came true, 0 where another did, 2 (None) where none is known."""
    codes, texts = target
    of: Ints = np.array([2 if t is None else int(t == name) for t in texts] or [2], dtype=np.int64)
    return of[codes], ["0", "1", None]
