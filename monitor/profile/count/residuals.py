"""Sums of a regression's errors, per attribute set."""

from __future__ import annotations

import numpy as np

from monitor.profile.bins import Floats
from monitor.profile.count.groups import label, part
from monitor.profile.encode import Encoded
from monitor.profile.magnitude import BINS, magnitude
from monitor.profile.slots import Slots, count
from monitor.profile.tally import Tally
from monitor.profile.values import present

_BEYOND = 1e75  # fourth powers of larger errors are no floats any more
_RATIO = 1e150  # a target so near 0 that the error is larger by this counts as 0: the square is no float any more
POWERS = tuple((i, j) for i in range(5) for j in range(5) if 0 < i + j <= 4)


def count_residuals(rows: Encoded, slots: Slots) -> dict[str, list[Tally]]:
    """Count rows by size of error with label ``(*attribute values, state)``; state is ok, unlabelled or unusable."""
    prediction, target = slots.take(rows.numbers("prediction")), slots.take(rows.numbers("target"))
    bins = rows.layout.numeric.get("target")
    with np.errstate(invalid="ignore", over="ignore"):
        error = prediction - target
        usable = np.isfinite(error) & (np.abs(prediction) < _BEYOND) & (np.abs(target) < _BEYOND)
    state = np.where(slots.take(_labelled(rows)), 2, 1)
    state[usable] = 0
    error, prediction, target = (np.where(usable, v, 0.0) for v in (error, prediction, target))
    sums = _sums(error, prediction, target, bins.centre if bins else 0.0)
    size = np.abs(error)
    counted = {}
    for attributes in rows.layout.model.attributes:
        code, keys = label(rows, slots, attributes, _unordered(state, slots))
        address = code * BINS + magnitude(size)
        counted[part("residuals", attributes)] = count(slots, address, BINS, keys, sums=sums, extremes=(size,))
    return counted


def _sums(error: Floats, prediction: Floats, target: Floats, centre: float) -> list[Floats]:
    size, y = np.abs(error), target - centre
    with np.errstate(over="ignore"):
        powers = [error**i * y**j for i, j in POWERS]
    known = (target != 0) & (size <= _RATIO * np.abs(target))
    relative = np.where(known, size / np.where(known, np.abs(target), 1.0), 0.0)
    whole = np.abs(target) + np.abs(prediction)
    symmetric = np.where(whole > 0, 2 * size / np.where(whole > 0, whole, 1.0), 0.0)
    return [*powers, size, known.astype(float), relative, relative**2, symmetric, symmetric**2]


def _unordered(state: np.ndarray, slots: Slots) -> tuple[np.ndarray, list[str | None]]:
    """Bring states, which stand in the order of the slots, back to the order of the batch."""
    if slots.order is not None:
        back = np.empty_like(state)
        back[slots.order] = state
        state = back
    return state, ["ok", "unlabelled", "unusable"]


def _labelled(rows: Encoded) -> np.ndarray:
    if not rows.has("target"):
        return np.zeros(rows.n, dtype=bool)
    return present(rows.batch.column("target"))
