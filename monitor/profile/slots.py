"""Which profile each row belongs to, and counting rows slot by slot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from monitor.profile.addresses import rows_at, sums_at
from monitor.profile.tally import LIMIT, Floats, Ints, Key, Tally, key_order

Label = Callable[[Ints], list[Key]]
_COUNTED = 65_536
_FEW = 65_536  # addresses up to which all of them are looked through
_DENSE = 4_194_304  # addresses up to which a dense count is cheaper than sorting


@dataclass(frozen=True, eq=False)
class Slots:
    """Rows in the order of their slot.

    ``order`` brings rows there (None: they are), ``index`` (ascending, shape ``(n,)``) is the slot of each, ``size``
    their number.
    """

    order: Ints | None
    index: Ints
    size: int

    @classmethod
    def of(cls, slot: Ints, size: int) -> Slots:
        """Bring rows into the order of their slots, keeping the order inside each."""
        if size == 1 or bool((slot[1:] >= slot[:-1]).all()):
            return cls(None, slot, size)
        narrow = slot.astype(np.uint16) if size <= _COUNTED else slot  # which numpy sorts by counting
        order = np.argsort(narrow, kind="stable")
        return cls(order, slot[order], size)

    @cached_property
    def starts(self) -> Ints:
        """Where the rows of each slot that has any begin; shape ``(slots with rows,)``."""
        if self.size == 1:
            return np.zeros(min(1, len(self.index)), dtype=np.int64)
        return np.flatnonzero(np.diff(self.index, prepend=-1))

    def take(self, values: Any) -> Any:
        """Return per-row values in the order of the slots; None stays None."""
        return values if self.order is None or values is None else values.take(self.order)


def count(
    slots: Slots,
    code: Ints,
    width: int,
    label: Label,
    *,
    weights: Floats | None = None,
    sums: Sequence[Floats] = (),
    extremes: Sequence[Floats] = (),
) -> list[Tally]:
    """Count rows into one tally per slot.

    Parameters
    ----------
    code : int64 array, shape (n,)
        ``label_code * width + bin`` of each row, in the order of ``slots``; below 0 leaves the row out.
    label : callable
        Gives the keys of an array of label codes.
    weights, sums, extremes : float64 arrays, shape (n,)
        Values summed by cell, summed by label, and whose minimum and maximum are kept by label.
    """
    labels = -(-(int(code.max(initial=-1)) + 1) // width)
    if weights is None and not (sums or extremes) and 0 < slots.size * labels * width <= _FEW:
        return _counted(slots, code, width, labels, label)
    index = slots.index
    if code.min(initial=0) < 0:
        kept = code >= 0
        code, index = code[kept], index[kept]
        weights = None if weights is None else weights[kept]
        sums, extremes = [s[kept] for s in sums], [e[kept] for e in extremes]
    labelled = code // width
    names, rank = _ranked(labelled, label)
    pairs, row = _labels(index, rank, len(names))
    cell = code + (row - labelled) * width
    at, counts, weight = _cells(cell, len(pairs) * width, weights)
    per_sum = _stack([sums_at(row, s, len(pairs)) for s in sums], len(pairs))
    low, high = _extremes(row, extremes, len(pairs))
    keys = [names[i] for i in pairs[:, 1]]
    return _split(slots.size, pairs[:, 0], keys, width, at, counts, weight, per_sum, low, high)


def _counted(slots: Slots, code: Ints, width: int, labels: int, label: Label) -> list[Tally]:
    """Count rows where there are few labels: every address at once, then what is not empty is looked for."""
    index, size = slots.index, labels * width
    if code.min() < 0:
        kept = code >= 0
        code, index = code[kept], index[kept]
    flat = code if slots.size == 1 else index * size + code
    table = rows_at(flat, slots.size * size).reshape(slots.size, labels, width)
    present = np.flatnonzero(table.any(axis=(0, 2)))
    keys = label(present)
    order = sorted(range(len(keys)), key=lambda i: key_order(keys[i]))
    return [_tally(width, [keys[i] for i in order], rows) for rows in table[:, present[order]]]


def _tally(width: int, keys: list[Key], rows: Ints) -> Tally:
    """Return the tally of one slot's rows by label and bin, those labels left out that have none."""
    filled = np.flatnonzero(rows.any(axis=1))
    if len(filled) > LIMIT:
        return Tally.empty(width, overflowed=True)
    every = rows[filled].reshape(-1)
    cells, edge = np.flatnonzero(every), np.zeros((len(filled), 0))
    return Tally(width, tuple(keys[i] for i in filled), cells, every[cells], np.zeros(len(cells)), edge, edge, edge)


def _ranked(code: Ints, label: Label) -> tuple[list[Key], Ints]:
    """Return the keys that occur, sorted, and the rank of each row's key among them."""
    present, place = _distinct(code)
    keys = label(present)
    order = sorted(range(len(keys)), key=lambda i: key_order(keys[i]))
    rank = np.empty(len(keys), dtype=np.int64)
    rank[order] = np.arange(len(keys))
    return [keys[i] for i in order], rank[place]


def _distinct(code: Ints) -> tuple[Ints, Ints]:
    """Return the distinct codes, ascending, and where each row's stands among them."""
    top = int(code.max(initial=0)) + 1
    if top == 1:
        return code[:1], code
    if top > _DENSE:
        return np.unique(code, return_inverse=True)
    present = np.flatnonzero(rows_at(code, top))
    place = np.zeros(top, dtype=np.int64)
    place[present] = np.arange(len(present))
    return present, place[code]


def _labels(index: Ints, rank: Ints, names: int) -> tuple[Ints, Ints]:
    """Return the distinct (slot, label) pairs, sorted, and which of them each row has."""
    pairs, row = _distinct(index * max(names, 1) + rank)
    return np.column_stack(np.divmod(pairs, max(names, 1))), row


def _cells(cell: Ints, size: int, weights: Floats | None) -> tuple[Ints, Ints, Floats]:
    if size <= max(_DENSE, 4 * len(cell)):
        counts = rows_at(cell, size)
        at = np.flatnonzero(counts)
        weight = np.zeros(len(at)) if weights is None else sums_at(cell, weights, size)[at]
        return at, counts[at], weight
    place, inverse, counts = np.unique(cell, return_inverse=True, return_counts=True)
    weight = np.zeros(len(place)) if weights is None else sums_at(inverse, weights, len(place))
    return place, counts, weight


def _stack(columns: list[Floats], rows: int) -> Floats:
    return np.column_stack(columns) if columns else np.zeros((rows, 0))


def _extremes(row: Ints, values: Sequence[Floats], rows: int) -> tuple[Floats, Floats]:
    low, high = np.full((rows, len(values)), np.inf), np.full((rows, len(values)), -np.inf)
    for i, column in enumerate(values):
        np.fmin.at(low[:, i], row, column)
        np.fmax.at(high[:, i], row, column)
    return low, high


def _split(
    slots: int, slot: Ints, keys: list[Key], width: int, at: Ints, counts: Ints, weights: Floats, sums: Floats,
    low: Floats, high: Floats,
) -> list[Tally]:  # fmt: skip
    """Cut labels and cells, both sorted by slot, into one tally per slot."""
    first = np.searchsorted(slot, np.arange(slots + 1))
    cut = np.searchsorted(at, first * width)
    tallies = []
    for s in range(slots):
        a, b, i, j = first[s], first[s + 1], cut[s], cut[s + 1]
        if b - a > LIMIT:
            tallies.append(Tally.empty(width, sums.shape[1], low.shape[1], overflowed=True))
            continue
        part = Tally(
            width, tuple(keys[a:b]), at[i:j] - a * width, counts[i:j], weights[i:j], sums[a:b], low[a:b], high[a:b]
        )
        tallies.append(part)
    return tallies
