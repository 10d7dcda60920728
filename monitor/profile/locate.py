"""Binary search made fast: a lookup grid over the edges, exact for every value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_CHUNK = 32_768  # rows per pass: few enough to stay in the cache, many enough that calls cost little
_SMALL = 2_048  # below this many values a plain binary search is as fast
_SPREAD = 32  # grid cells per edge
_CROWDED = 2  # more edges than these in one cell are left to binary search
_HEAVY = 32  # a value that one row in so many has is looked at by itself
_FAR = 2.0**30  # cells from the origin; what lies farther is brought here before it becomes an integer

Codes = NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Locator:
    """Finds the bin of each value as ``np.searchsorted(edges, x, side="right")`` would, many times faster.

    The range of the edges is cut into equal cells. Since the cell of a value grows with the value, all values of a cell
    without edges have the same bin: ``below`` gives it. In a cell that holds edges ``below`` is ``~bin`` of the values
    before them, and the few values there are compared one by one; where more than two edges crowd in a cell, they are
    searched for. Where the edges all bound point bins that have a cell each (``paired``), as of whole numbers, nearly
    all values fall into such cells: ``below`` is then the point's bin, and values beside the point are put right.
    Likewise the cells of single points that hold many rows, as zero often does: ``heavy`` are the bins of these.
    """

    bounds: Floats
    origin: float
    scale: float
    below: NDArray[np.int16 | np.int32]
    paired: bool
    heavy: tuple[int, ...]

    @property
    def edges(self) -> Floats:
        """The edges."""
        return self.bounds[1:-1]

    @property
    def lower(self) -> Floats:
        """The lower bound of each bin, NaN for the first."""
        return self.bounds[:-1]

    @property
    def upper(self) -> Floats:
        """The upper bound of each bin, NaN for the last."""
        return self.bounds[1:]

    @classmethod
    def build(cls, edges: Floats, mass: NDArray[np.int64] | None = None) -> Locator:
        """Lay the grid over the middle of the edges, so that far tails do not blunt it; ``mass`` has rows per bin."""
        low, high = _middle(edges) if len(edges) else (0.0, 0.0)
        cells = 1 << max(6, int(np.ceil(np.log2(max(1, len(edges)) * _SPREAD))))
        with np.errstate(over="ignore"):
            width = high - low
            scale = cells / width if np.isfinite(width) and width > 0 else 0.0
        if not np.isfinite(scale):
            scale = 0.0
        cell = _cell(edges, low, scale).clip(0, cells - 1) if scale else np.zeros(len(edges), dtype=np.intp)
        held = np.bincount(cell, minlength=cells)
        before = np.cumsum(held) - held
        points = _points(edges, cell, held)
        paired = 2 * len(points) == len(edges)
        if not paired:
            points = points[:0] if mass is None else points[mass[points] * _HEAVY >= mass.sum()]
        below = np.where(held > 0, ~np.where(held > _CROWDED, len(edges) + 1, before), before)
        below[cell[points]] = points
        narrow = np.int16 if len(edges) < np.iinfo(np.int16).max else np.int32  # a small table stays in the cache
        bounds = np.concatenate([[np.nan], edges, [np.nan]])
        heavy = () if paired else tuple(points.tolist())
        return cls(bounds, float(low), float(scale), below.astype(narrow), paired, heavy)

    def locate(self, values: Floats, top: float | None = None) -> Codes:
        """Return how many edges are at or below each value; for NaN any number from 0 to ``len(edges)``.

        ``top`` is the greatest of the values that are none, where it is known.
        """
        if len(values) < _SMALL or not self.scale or len(self.edges) < 4:
            return np.searchsorted(self.edges, values, side="right")
        found = np.empty(len(values), dtype=self.below.dtype)
        with np.errstate(over="ignore"):
            far = None if ((values.max() if top is None else top) - self.origin) * self.scale < _FAR else _FAR
        for start in range(0, len(values), _CHUNK):
            cell = _cell(values[start : start + _CHUNK], self.origin, self.scale, far)
            self.below.take(cell, out=found[start : start + _CHUNK], mode="clip")
        codes = found.astype(np.int32)
        if self.paired:
            self._search(values, codes, (values != self.lower.take(codes, mode="clip")).nonzero()[0])
        else:
            self._refine(values, codes, (found < 0).nonzero()[0])
        for point in self.heavy:
            self._search(values, codes, ((codes == point) & (values != self.lower[point])).nonzero()[0])
        return codes

    def _refine(self, values: Floats, codes: Codes, beside: Codes) -> None:
        """Put right the codes of values in cells that hold edges."""
        if 4 * len(beside) > len(values):  # then it is cheaper to compare all
            np.maximum(codes, ~codes, out=codes)
            self._compare(values, codes)
        elif len(beside):
            at = ~codes.take(beside)
            self._compare(values.take(beside), at)
            codes[beside] = at

    def _compare(self, values: Floats, at: Codes) -> None:
        """Step over the edges of the cell that are not above the values."""
        crowded = (at > len(self.edges)).nonzero()[0]
        for _ in range(_CROWDED):
            at += values >= self.upper.take(at, mode="clip")
        self._search(values, at, crowded)

    def _search(self, values: Floats, codes: Codes, rows: Codes) -> None:
        """Search the bins of the values of some rows."""
        if len(rows):
            codes[rows] = self.edges.searchsorted(values.take(rows), side="right")


def _points(edges: Floats, cell: Codes, held: Codes) -> Codes:
    """Return the point bins whose bounds have a cell of their own."""
    lower = ((held[cell[:-1]] == 2) & (cell[:-1] == cell[1:])).nonzero()[0]
    with np.errstate(over="ignore"):
        bins: Codes = lower[np.nextafter(edges[lower], np.inf) == edges[lower + 1]] + 1
    return bins


def _middle(edges: Floats) -> tuple[float, float]:
    """Return the range of the edges without those tails that would take more than a tenth of it."""
    trim = len(edges) // 200
    low, high = edges[trim], edges[-1 - trim]
    with np.errstate(over="ignore"):
        near = (high - low) / 10
        low = edges[0] if low - edges[0] <= near else low
        high = edges[-1] if edges[-1] - high <= near else high
    return low, high


def _cell(values: Floats, origin: float, scale: float, far: float | None = _FAR) -> NDArray[np.int32]:
    """Return the cell of each value, negative for NaN and far below: ``take`` clips that to the first.

    ``far`` bounds the cells from above; None where no value needs it.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        position = values - origin
        position *= scale
        if far is not None:
            np.minimum(position, far, out=position)
        return position.astype(np.int32)
