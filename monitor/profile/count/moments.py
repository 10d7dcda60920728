"""Second moments of the standardised numeric features."""

from __future__ import annotations

import numpy as np

from monitor.profile.binned import Known
from monitor.profile.bins import Floats
from monitor.profile.encode import Encoded
from monitor.profile.slots import Slots
from monitor.profile.tally import Tally

_BLOCK = 16_384  # rows multiplied at a time: they fit the cache
_STEP = 128  # rows whose products are taken at once: BLAS has a kernel of its own for matrices so small
_FEW = 12  # features multiplied with themselves and those after them: nearly half of all products are never taken
_ALONE = 262_144  # multiplications up to which BLAS starts no threads of its own

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
    """Return the sums of the features' distances from their centres, and of the products of these: the upper ones."""
    _, a, b = piece
    z = np.empty((-(-(b - a) // _STEP), len(features), _STEP))
    z[-1] = 0.0
    whole, rest = divmod(b - a, _STEP)
    for i, (known, centre) in enumerate(features):
        if known is None:
            z[:, i] = 0.0
            continue
        values = known.values[a:b]
        np.subtract(values[: whole * _STEP].reshape(whole, _STEP), centre, out=z[:whole, i])
        if rest:
            np.subtract(values[-rest:], centre, out=z[-1, i, :rest])
        if len(known.gaps):
            step, place = np.divmod(known.gaps[slice(*np.searchsorted(known.gaps, (a, b)))] - a, _STEP)
            z[step, i, place] = 0.0
    return np.matmul(z, np.ones(_STEP)).sum(axis=0), _products(z)


def _products(z: Floats) -> Floats:
    """Return the products of all pairs of features, summed over the steps of rows; below the diagonal they lack."""
    features = z.shape[1]
    found = np.zeros((features, features))
    few = max(1, min(_FEW, _ALONE // (_STEP * features)))
    for i in range(0, features, few):
        found[i : i + few, i:] = np.matmul(z[:, i : i + few], z[:, i:].transpose(0, 2, 1)).sum(axis=0)
    return found
