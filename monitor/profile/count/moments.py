"""Second moments of the standardised numeric features."""

from __future__ import annotations

from functools import partial

import numpy as np

from monitor.profile.bins import Floats
from monitor.profile.encode import Encoded
from monitor.profile.slots import Slots
from monitor.profile.tally import Tally

_BLOCK = 16_384  # rows multiplied at a time: they fit the cache
_NARROW = 64  # features up to which products are taken in steps so small that BLAS starts no threads of its own
_STEP = 128

Piece = tuple[int, int, int]


def count_moments(rows: Encoded, slots: Slots) -> list[Tally]:
    """Sum per slot the standardised features and the upper triangle of their outer products; missing is the mean."""
    features = rows.layout.spread
    width = len(features) + len(features) * (len(features) + 1) // 2
    tallies = [Tally.empty(1, width)] * slots.size
    if not features or not rows.n:
        return tallies
    values = {name: slots.take(rows.binned(name)[1]) for name in features}
    pieces = _pieces(slots, rows.n)
    n, sums = np.zeros(slots.size), np.zeros((slots.size, width))
    for (slot, a, b), found in zip(pieces, rows.spread(partial(_sums, rows, values), pieces), strict=True):
        n[slot] += b - a
        sums[slot] += found
    for slot in np.flatnonzero(n).tolist():
        edge, one = np.zeros((1, 0)), np.zeros(1)
        counts = n[slot : slot + 1].astype(np.int64)
        tallies[slot] = Tally(1, ((),), np.zeros(1, np.int64), counts, one, sums[slot][None, :], edge, edge)
    return tallies


def _pieces(slots: Slots, n: int) -> list[Piece]:
    """Cut the rows into ``(slot, start, end)`` of one slot and bounded length."""
    starts = np.flatnonzero(np.diff(slots.index, prepend=-1))
    cuts = np.union1d(starts, np.arange(0, n, _BLOCK)).tolist()
    return [(int(slots.index[a]), a, b) for a, b in zip(cuts, [*cuts[1:], n], strict=True)]


def _sums(rows: Encoded, values: dict[str, Floats | None], piece: Piece) -> Floats:
    _, a, b = piece
    features = rows.layout.spread
    z = np.empty((len(features), b - a))
    with np.errstate(over="ignore"):
        for i, (name, bins) in enumerate(features.items()):
            column = values[name]
            if column is None:
                z[i] = 0.0
            else:
                np.subtract(column[a:b], bins.centre, out=z[i])
                z[i] *= 1 / bins.deviation
    first = z.sum(axis=1)
    if not np.isfinite(first).all():
        z[~np.isfinite(z)] = 0.0  # missing, or no float any more
        first = z.sum(axis=1)
    return np.concatenate([first, _products(z)[np.triu_indices(len(z))]])


def _products(z: Floats) -> Floats:
    """Return ``z @ z.T``."""
    features, n = z.shape
    if features > _NARROW:
        return z @ z.T
    whole = n - n % _STEP
    steps = z[:, :whole].reshape(features, -1, _STEP).transpose(1, 0, 2)
    rest = z[:, whole:]
    return np.asarray(np.matmul(steps, steps.transpose(0, 2, 1)).sum(axis=0) + rest @ rest.T)
