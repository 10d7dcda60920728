"""Second moments of the standardised numeric features."""

from __future__ import annotations

import numpy as np

from monitor.profile.binned import Known
from monitor.profile.bins import Floats
from monitor.profile.encode import Encoded
from monitor.profile.slots import Slots
from monitor.profile.tally import Tally

_BLOCK = 16_384  # rows multiplied at a time: they fit the cache
_NARROW = 64  # features up to which products are taken in steps so small that BLAS starts no threads of its own
_STEP = 128

Piece = tuple[int, int, int]
Centred = tuple[Known | None, float]  # a feature's numbers and their reference mean


def count_moments(rows: Encoded, slots: Slots) -> list[Tally]:
    """Sum per slot the standardised features and the upper triangle of their outer products; missing is the mean."""
    features = rows.layout.spread
    i, j = np.triu_indices(len(features))
    width = len(features) + len(i)
    tallies = [Tally.empty(1, width)] * slots.size
    if not features or not rows.n:
        return tallies
    pieces = _pieces(slots, rows.n)
    sums = np.zeros((slots.size, width))
    centred = [_centred(rows, slots, name) for name in features]
    for piece in pieces:
        first, second = _sums(centred, piece)
        sums[piece[0]] += np.concatenate([first, second[i, j]])
    scale = 1 / np.array([bins.deviation for bins in features.values()])  # the sums are scaled, not every row
    sums[:, : len(scale)] *= scale
    sums[:, len(scale) :] *= scale[i]
    sums[:, len(scale) :] *= scale[j]
    n = np.bincount([slot for slot, _, _ in pieces], [b - a for _, a, b in pieces], slots.size)
    for slot in np.flatnonzero(n).tolist():
        edge, one = np.zeros((1, 0)), np.zeros(1)
        counts = n[slot : slot + 1].astype(np.int64)
        tallies[slot] = Tally(1, ((),), np.zeros(1, np.int64), counts, one, sums[slot][None, :], edge, edge)
    return tallies


def _centred(rows: Encoded, slots: Slots, name: str) -> Centred:
    known, bins = rows.known(name), rows.layout.spread[name]
    return None if known is None else known.take(slots.order), bins.centre


def _pieces(slots: Slots, n: int) -> list[Piece]:
    """Cut the rows into ``(slot, start, end)`` of one slot and bounded length."""
    starts = slots.starts
    cuts = np.union1d(starts, np.arange(0, n, _BLOCK)).tolist()
    return [(int(slots.index[a]), a, b) for a, b in zip(cuts, [*cuts[1:], n], strict=True)]


def _sums(features: list[Centred], piece: Piece) -> tuple[Floats, Floats]:
    """Return the sums of the features' distances from their centres, and of the products of these."""
    _, a, b = piece
    z = np.empty((len(features), b - a))
    for i, (known, centre) in enumerate(features):
        if known is None:
            z[i] = 0.0
            continue
        np.subtract(known.values[a:b], centre, out=z[i])
        if len(known.gaps):
            gaps = known.gaps[slice(*np.searchsorted(known.gaps, (a, b)))]
            z[i, gaps - a] = 0.0
    return z.sum(axis=1), _products(z)


def _products(z: Floats) -> Floats:
    """Return ``z @ z.T``."""
    features, n = z.shape
    if features > _NARROW:
        return z @ z.T
    whole = n - n % _STEP
    steps = z[:, :whole].reshape(features, -1, _STEP).transpose(1, 0, 2)
    rest = z[:, whole:]
    return np.asarray(np.matmul(steps, steps.transpose(0, 2, 1)).sum(axis=0) + rest @ rest.T)
