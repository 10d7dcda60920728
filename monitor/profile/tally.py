"""A tally: labelled rows of sparse counts, with sums and extremes, that add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.errors import LayoutError
from monitor.profile.addresses import sums_at

Key = tuple[str | None, ...]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_DENSE = 65_536  # addresses that are added up in one array of them all
LIMIT = 100_000  # labelled rows; beyond it a tally is marked overflowed and holds nothing


@dataclass(frozen=True, eq=False)
class Tally:
    """Counts of rows by label and bin.

    Label ``keys[r]`` has ``width`` bins; the address of bin ``b`` is ``r * width + b``. Only non-zero bins are
    kept: ``cells`` (addresses, ascending), ``counts`` (rows, at least 1) and ``weights`` (sums of a value over the
    same rows). Beside them each label has ``sums`` (shape ``(labels, s)``) and extremes ``lows``, ``highs`` (shape
    ``(labels, e)``). Every label has at least one cell.

    Adding is associative and commutative, the empty tally is its zero. ``overflowed`` marks more than ``LIMIT`` labels:
    it absorbs whatever is added, so the limit does not depend on the order of adding.
    """

    width: int
    keys: tuple[Key, ...]
    cells: Ints
    counts: Ints
    weights: Floats
    sums: Floats
    lows: Floats
    highs: Floats
    overflowed: bool = False

    @classmethod
    def empty(cls, width: int, sums: int = 0, extremes: int = 0, *, overflowed: bool = False) -> Tally:
        """Return the zero of addition for tallies of this shape."""
        none = np.zeros(0, dtype=np.int64)
        edge = np.zeros((0, extremes))
        return cls(width, (), none, none, np.zeros(0), np.zeros((0, sums)), edge, edge, overflowed)

    def __add__(self, other: Tally) -> Tally:
        """Add two tallies of the same shape."""
        return total((self, other))

    def row(self, key: Key) -> int | None:
        """Return the index of a label, None when it has no rows."""
        return self.index.get(key)

    @property
    def index(self) -> dict[Key, int]:
        """Where each label stands."""
        return {key: i for i, key in enumerate(self.keys)}

    def dense(self) -> tuple[Ints, Floats]:
        """Return counts and weights as arrays of shape ``(labels, width)``."""
        size = len(self.keys) * self.width
        counts = np.zeros(size, dtype=np.int64)
        weights = np.zeros(size)
        counts[self.cells] = self.counts
        weights[self.cells] = self.weights
        return counts.reshape(-1, self.width), weights.reshape(-1, self.width)

    def totals(self) -> Ints:
        """Return the rows of each label; shape ``(labels,)``."""
        rows = np.bincount(self.cells // self.width, self.counts, len(self.keys))
        return rows.astype(np.int64)


def total(tallies: Sequence[Tally]) -> Tally:
    """Add tallies of one shape, all at once.

    Raises
    ------
    LayoutError
        The tallies have different widths.
    """
    first = tallies[0]
    if len(tallies) == 1:
        return first
    if any(t.width != first.width or t.sums.shape[1] != first.sums.shape[1] for t in tallies):
        raise LayoutError("tallies of different shapes cannot be added")
    if any(t.overflowed for t in tallies):
        return Tally.empty(first.width, first.sums.shape[1], first.lows.shape[1], overflowed=True)
    keys = first.keys
    if any(t.keys != keys for t in tallies):
        keys = tuple(sorted({key for t in tallies for key in t.keys}, key=key_order))
    if len(keys) > LIMIT:
        return Tally.empty(first.width, first.sums.shape[1], first.lows.shape[1], overflowed=True)
    return _added(tallies, keys)


def _added(tallies: Sequence[Tally], keys: tuple[Key, ...]) -> Tally:
    first = tallies[0]
    place = {key: i for i, key in enumerate(keys)}
    cells, sums = [], np.zeros((len(keys), first.sums.shape[1]))
    lows = np.full((len(keys), first.lows.shape[1]), np.inf)
    highs = np.full((len(keys), first.highs.shape[1]), -np.inf)
    for tally in tallies:
        if tally.keys == keys:
            rows: Ints | slice = slice(None)
            cells.append(tally.cells)
        else:
            rows = np.fromiter((place[k] for k in tally.keys), np.int64, len(tally.keys))
            cells.append(rows[tally.cells // first.width] * first.width + tally.cells % first.width)
        sums[rows] += tally.sums
        lows[rows] = np.minimum(lows[rows], tally.lows)
        highs[rows] = np.maximum(highs[rows], tally.highs)
    size = len(keys) * first.width
    at, counts, weights = (_gather_dense if size <= _DENSE else _gather)(tallies, cells, size)
    return Tally(first.width, keys, at, counts, weights, sums, lows, highs)


def _gather_dense(tallies: Sequence[Tally], cells: Sequence[Ints], size: int) -> tuple[Ints, Ints, Floats]:
    """Add up what stands at the same address, tally by tally: each has an address once."""
    counts, weights = np.zeros(size, dtype=np.int64), np.zeros(size)
    for tally, at in zip(tallies, cells, strict=True):
        counts[at] += tally.counts
        weights[at] += tally.weights
    place = np.flatnonzero(counts).astype(np.int64, copy=False)
    return place, counts[place], weights[place]


def _gather(tallies: Sequence[Tally], cells: Sequence[Ints], size: int) -> tuple[Ints, Ints, Floats]:
    """Add up what stands at the same address; counts stay below 2^53, so float addition is exact."""
    counts, weights = np.concatenate([t.counts for t in tallies]), np.concatenate([t.weights for t in tallies])
    every = np.concatenate(cells)
    if size <= 8 * len(every) + _DENSE:
        rows = np.bincount(every, counts, size)
        place: Ints = np.flatnonzero(rows).astype(np.int64, copy=False)
        return place, rows[place].astype(np.int64), sums_at(every, weights, size)[place]
    found, inverse = np.unique(every, return_inverse=True)
    rows = np.bincount(inverse, counts, len(found)).astype(np.int64)
    return found, rows, sums_at(inverse, weights, len(found))


def key_order(key: Key) -> tuple[tuple[bool, str], ...]:
    """Return what labels are sorted by: text by text, missing last."""
    return tuple((part is None, part or "") for part in key)
