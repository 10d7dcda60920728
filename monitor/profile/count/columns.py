"""Counts of every column over its bins, and the spread of the numeric ones."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from monitor.profile.addresses import rows_at, sums_at
from monitor.profile.binned import Known
from monitor.profile.bins import Bins, Floats, Ints, NumericBins
from monitor.profile.encode import Encoded
from monitor.profile.locate import Codes
from monitor.profile.slots import Slots
from monitor.profile.tally import Key, Tally

_DENSE = 4_194_304  # slots times bins up to which counting into one array is cheaper than sorting


class Counted(NamedTuple):
    """One column's filled cells with their rows and weights, and per slot with rows its spread (numbers only).

    ``cells`` are ``slot * len(bins) + bin``, ascending; ``weights`` sums of distances from the centre; ``spread`` has
    per slot the finite values, sums of their distance and its square, minimum, maximum.
    """

    cells: Ints
    counts: Ints
    weights: Floats
    spread: Floats | None


def count_columns(rows: Encoded, slots: Slots) -> dict[str, list[Tally]]:
    """Count rows per slot and bin of all columns, and sum up numbers: the parts ``bins`` and ``spread``."""
    layout = rows.layout
    starts = slots.starts
    each = {name: _count(rows, slots, starts, name) for name in layout.bins}
    numbers = {name: each[name].spread for name in sorted(layout.numeric)}
    return {"bins": _bins(rows, slots, each), "spread": _spreads(slots, starts, numbers)}


def _count(rows: Encoded, slots: Slots, starts: Ints, name: str) -> Counted:
    bins = rows.layout.bins[name]
    if slots.size == 1 and not isinstance(bins, NumericBins):
        every = rows.rows_by_bin(name)
        filled = np.flatnonzero(every)
        return Counted(filled, every[filled], np.zeros(len(filled)), None)
    codes, known = rows.binned(name)
    codes = slots.take(codes)
    if known is None or not isinstance(bins, NumericBins):
        return Counted(*_cells(bins, slots, codes, None), None)
    known = known.take(slots.order)
    distance = known.values - bins.centre
    distance[known.gaps] = 0.0
    cells = _cells(bins, slots, codes, distance)
    return Counted(*cells, _spread_of(known, distance, starts))


def _spread_of(known: Known, distance: Floats, starts: Ints) -> Floats:
    """Return per slot the finite values, sums of their distance and its square, minimum, maximum; uses distances up."""
    n = np.diff(starts, append=len(distance)) - np.diff(np.searchsorted(known.gaps, starts), append=len(known.gaps))
    first = np.add.reduceat(distance, starts)  # of one slot too: `sum` adds in another order, and bits would differ
    second = np.add.reduceat(np.square(distance, out=distance), starts)
    return np.column_stack([n, first, second, *_ends(known, starts)])


def _ends(known: Known, starts: Ints) -> tuple[Floats, Floats]:
    """Return the least and greatest value of each slot."""
    if len(starts) == 1:
        return np.array([known.low]), np.array([known.high])
    return np.fmin.reduceat(known.values, starts), np.fmax.reduceat(known.values, starts)


def _cells(bins: Bins, slots: Slots, codes: Codes, distance: Floats | None) -> tuple[Ints, Ints, Floats]:
    """Return filled cells, their rows and sums of distances; 0 in point bins, where these are known."""
    size = slots.size * len(bins)
    flat = codes if slots.size == 1 else slots.index * len(bins) + codes
    if size > _DENSE:
        present, flat, counts = np.unique(flat, return_inverse=True, return_counts=True)
        cells = present.astype(np.int64, copy=False)
    else:
        every = rows_at(flat, size)
        cells = np.flatnonzero(every)
        counts = every[cells]
    if distance is None or not isinstance(bins, NumericBins):
        return cells, counts, np.zeros(len(cells))
    at = cells % len(bins)
    known = bins.points[at] | (at == len(bins) - 1)
    if known.all():
        return cells, counts, np.zeros(len(cells))
    if size > _DENSE:
        return cells, counts, np.where(known, 0.0, sums_at(flat, distance, len(cells)))
    return cells, counts, np.where(known, 0.0, sums_at(flat, distance, size)[cells])


def _bins(rows: Encoded, slots: Slots, each: dict[str, Counted]) -> list[Tally]:
    """Lay the columns' cells side by side: one label, an address per bin of any column."""
    layout = rows.layout
    cells = [np.zeros(0, dtype=np.int64)]
    for name, counted in each.items():
        slot, at = np.divmod(counted.cells, len(layout.bins[name]))
        cells.append(slot * layout.size + layout.offsets[name] + at)
    counts = np.concatenate([np.zeros(0, dtype=np.int64), *(c.counts for c in each.values())])
    weights = np.concatenate([np.zeros(0), *(c.weights for c in each.values())])
    flat = np.concatenate(cells)
    if slots.size > 1:
        order = np.argsort(flat, kind="stable")
        flat, counts, weights = flat[order], counts[order], weights[order]
    return _cut(flat, counts, weights, slots.size, layout.size)


def _cut(at: Ints, counts: Ints, weights: Floats, slots: int, width: int) -> list[Tally]:
    cut = np.searchsorted(at, np.arange(slots + 1) * width)
    tallies = []
    for s in range(slots):
        piece = slice(cut[s], cut[s + 1])
        keys: tuple[Key, ...] = ((),) if cut[s] < cut[s + 1] else ()
        edge = np.zeros((len(keys), 0))
        tallies.append(Tally(width, keys, at[piece] - s * width, counts[piece], weights[piece], edge, edge, edge))
    return tallies


def _spreads(slots: Slots, starts: Ints, numbers: dict[str, Floats | None]) -> list[Tally]:
    tallies = [Tally.empty(1, 2, 1)] * slots.size
    if not len(starts) or not numbers:
        return tallies
    none = np.zeros((len(starts), 5))
    table = np.stack([none if n is None else n for n in numbers.values()], axis=1)
    for i, slot in enumerate(slots.index[starts].tolist()):
        tallies[slot] = _spread(list(numbers), table[i])
    return tallies


def _spread(names: list[str], table: Floats) -> Tally:
    at = np.flatnonzero(table[:, 0])
    keys: tuple[Key, ...] = tuple((names[i],) for i in at)
    low, high = table[at, 3:4], table[at, 4:5]
    return Tally(
        1, keys, np.arange(len(at)), table[at, 0].astype(np.int64), np.zeros(len(at)), table[at, 1:3], low, high
    )
