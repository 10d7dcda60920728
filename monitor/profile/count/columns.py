"""Counts of every column over its bins, and the spread of the numeric ones."""

from __future__ import annotations

import numpy as np

from monitor.profile.bins import Bins, Floats, Ints, NumericBins
from monitor.profile.encode import Codes, Encoded
from monitor.profile.slots import Slots
from monitor.profile.tally import Key, Tally

_DENSE = 4_194_304  # slots times bins up to which counting into one array is cheaper than sorting


def count_bins(rows: Encoded, slots: Slots) -> list[Tally]:
    """Count rows per slot and bin of all columns: one label, an address per bin, sums of distances as weights."""
    layout = rows.layout
    if slots.size * layout.size <= _DENSE:
        return _dense(rows, slots)
    address, weight = [], []
    for name, bins in layout.bins.items():
        codes, values = (slots.take(v) for v in rows.binned[name])
        address.append(slots.index * layout.size + layout.offsets[name] + codes)
        weight.append(_weights(bins, codes, values))
    flat = np.concatenate(address) if address else np.zeros(0, dtype=np.int64)
    weights = np.concatenate([np.zeros(rows.n) if w is None else w for w in weight]) if weight else np.zeros(0)
    at, inverse, counts = np.unique(flat, return_inverse=True, return_counts=True)
    return _cut(at, counts.astype(np.int64), np.bincount(inverse, weights, len(at)), slots.size, layout.size)


def _dense(rows: Encoded, slots: Slots) -> list[Tally]:
    layout = rows.layout
    counts = np.zeros((slots.size, layout.size), dtype=np.int64)
    weights = np.zeros((slots.size, layout.size))
    for name, bins in layout.bins.items():
        codes, values = (slots.take(v) for v in rows.binned[name])
        flat = codes if slots.size == 1 else slots.index * len(bins) + codes
        part = slice(layout.offsets[name], layout.offsets[name] + len(bins))
        size = slots.size * len(bins)
        counts[:, part] = np.bincount(flat, minlength=size).reshape(slots.size, -1)
        weight = _weights(bins, codes, values)
        if weight is not None:
            weights[:, part] = np.bincount(flat, weight, size).reshape(slots.size, -1)
    flat_counts = counts.reshape(-1)
    at = np.flatnonzero(flat_counts)
    return _cut(at, flat_counts[at], weights.reshape(-1)[at], slots.size, layout.size)


def _weights(bins: Bins, codes: Codes, values: Floats | None) -> Floats | None:
    """Return each row's distance from the centre, 0 in point bins, whose sums are known; None when all are there."""
    if values is None or not isinstance(bins, NumericBins):
        return None
    known = bins.points[codes] | np.isnan(values)
    return None if known.all() else np.where(known, 0.0, values - bins.centre)


def _cut(at: Ints, counts: Ints, weights: Floats, slots: int, width: int) -> list[Tally]:
    cut = np.searchsorted(at, np.arange(slots + 1) * width)
    tallies = []
    for s in range(slots):
        piece = slice(cut[s], cut[s + 1])
        keys: tuple[Key, ...] = ((),) if cut[s] < cut[s + 1] else ()
        edge = np.zeros((len(keys), 0))
        tallies.append(Tally(width, keys, at[piece] - s * width, counts[piece], weights[piece], edge, edge, edge))
    return tallies


def count_spread(rows: Encoded, slots: Slots) -> list[Tally]:
    """Count per slot and numeric column the finite values, and sum distance and squared distance from the centre."""
    names = sorted(rows.layout.numeric)
    starts = np.flatnonzero(np.diff(slots.index, prepend=-1))
    tallies = [Tally.empty(1, 2, 1)] * slots.size
    if not len(starts) or not names:
        return tallies
    columns = [_column(slots.take(rows.binned[n][1]), rows.layout.numeric[n].centre, starts) for n in names]
    table = np.stack(columns, axis=1)
    for i, slot in enumerate(slots.index[starts].tolist()):
        tallies[slot] = _spread(names, table[i])
    return tallies


def _column(values: Floats | None, centre: float, starts: Ints) -> Floats:
    """Return per slot: finite values, sums of distance and its square, minimum, maximum; shape ``(slots, 5)``."""
    if values is None:
        return np.zeros((len(starts), 5))
    known = ~np.isnan(values)
    distance = values - centre
    if not known.all():
        distance[~known] = 0.0
    n = np.add.reduceat(known, starts, dtype=np.int64)
    first, second = np.add.reduceat(distance, starts), np.add.reduceat(distance * distance, starts)
    return np.column_stack([n, first, second, np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)])


def _spread(names: list[str], table: Floats) -> Tally:
    at = np.flatnonzero(table[:, 0])
    keys: tuple[Key, ...] = tuple((names[i],) for i in at)
    low, high = table[at, 3:4], table[at, 4:5]
    return Tally(
        1, keys, np.arange(len(at)), table[at, 0].astype(np.int64), np.zeros(len(at)), table[at, 1:3], low, high
    )
