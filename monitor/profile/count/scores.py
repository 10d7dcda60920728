"""Counts of rows by score bin, whether the class came true, and attribute set."""

from __future__ import annotations

import numpy as np

from monitor.domain.category import class_text
from monitor.domain.model import CLASS_SCORE
from monitor.profile.bins import Floats
from monitor.profile.count.groups import label, part
from monitor.profile.encode import Coded, Encoded
from monitor.profile.scores import CALIBRATION_BINS
from monitor.profile.slots import Slots, count
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
        for attributes in model.attributes:
            counted |= _one(rows, slots, column, truth, attributes)
    return counted


def _one(rows: Encoded, slots: Slots, column: str, truth: Coded, attributes: tuple[str, ...]) -> dict[str, list[Tally]]:
    codes, known = rows.binned(column)
    codes = slots.take(codes)
    score = None if known is None else slots.take(known.values)
    width = len(rows.layout.bins[column]) - 1
    code, keys = label(rows, slots, attributes, truth)
    outcome = slots.take(truth[0])
    value = np.zeros(rows.n) if score is None else np.nan_to_num(score, nan=0.0)
    judged = (outcome < 2) & rows.layout.probabilities(column)
    error = np.where(judged, (np.clip(value, 0.0, 1.0) - outcome) ** 2, 0.0) if judged.any() else np.zeros(rows.n)
    address = np.where(codes < width, code * width + codes, -1)
    sums = (value, value**2, error, error**2)
    scored = count(slots, address, width, keys, sums=sums)
    bins = np.clip(value * CALIBRATION_BINS, 0, CALIBRATION_BINS - 1).astype(np.int64)
    usable = (outcome < 2) & (codes < width)
    calibration = count(
        slots, np.where(usable, code * CALIBRATION_BINS + bins, -1), CALIBRATION_BINS, keys, weights=value
    )
    return {part(column, attributes): scored, part(f"calibration {column}", attributes): calibration}


def count_log_loss(rows: Encoded, slots: Slots) -> dict[str, list[Tally]]:
    """Sum ``-ln p(target)`` and its square over labelled rows with a probability, per attribute set."""
    loss = slots.take(_loss(rows))
    counted = {}
    for attributes in rows.layout.model.attributes:
        code, keys = label(rows, slots, attributes)
        value = np.nan_to_num(loss, nan=0.0)
        counted[part("log loss", attributes)] = count(
            slots, np.where(np.isnan(loss), -1, code), 1, keys, sums=(value, value**2)
        )
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
