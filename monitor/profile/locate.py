"""Binary search made fast: a lookup grid over the edges, exact for every value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_CHUNK = 65_536  # rows per pass: few enough to stay near the cache, many enough that two threads seldom wait in turn
_SMALL = 2_048  # below this many values a plain binary search is as fast
_SPREAD = 32  # grid cells per edge
_SLOW = -1  # stands in ``below`` for a cell that the fast path cannot tell apart


@dataclass(frozen=True, eq=False)
class Locator:
    """Finds the bin of each value as ``np.searchsorted(edges, x, side="right")`` would, many times faster.

    The range of the edges is cut into equal cells. ``below[c]`` counts the edges in earlier cells. Since the cell of
    a value grows with the value, only the edges in its own cell need comparing: one, or both edges of a point bin when
    the edges are all such pairs (``paired``), else two (``steps``). Values in cells that hold more go to binary search.
    """

    edges: Floats
    origin: float
    scale: float
    last: int
    below: NDArray[np.int32]
    steps: int
    paired: bool

    @classmethod
    def build(cls, edges: Floats) -> Locator:
        """Lay the grid over the middle of the edges, so that far tails do not blunt it."""
        low, high = _middle(edges) if len(edges) else (0.0, 0.0)
        cells = 1 << max(6, int(np.ceil(np.log2(max(1, len(edges)) * _SPREAD))))
        with np.errstate(over="ignore"):
            width = high - low
            scale = cells / width if np.isfinite(width) and width > 0 else 0.0
        if not np.isfinite(scale):
            scale = 0.0
        cell = _cell(edges, low, scale, cells - 1) if scale else np.zeros(len(edges), dtype=np.int32)
        held = np.bincount(cell, minlength=cells)
        below = (np.cumsum(held) - held).astype(np.int32)
        with np.errstate(over="ignore"):
            pairs = np.nextafter(edges[:-1], np.inf) == edges[1:]
        paired = len(edges) % 2 == 0 and bool(pairs[::2].all())
        steps = 1 if not pairs.any() or paired else 2
        slow = held > (2 if paired else steps)
        if paired:
            slow |= (held == 1) | (below % 2 == 1)  # a pair that two cells share
        below[slow] = _SLOW
        return cls(np.append(edges, np.nan), float(low), float(scale), cells - 1, below, steps, paired)

    def locate(self, values: Floats) -> NDArray[np.int32]:
        """Return for each value the number of edges at or below it; NaN gets any bin."""
        edges = self.edges[:-1]
        if len(values) < _SMALL or not self.scale or len(edges) < 4:
            return np.searchsorted(edges, values, side="right").astype(np.int32)
        codes = np.empty(len(values), dtype=np.int32)
        for start in range(0, len(values), _CHUNK):
            self._chunk(values[start : start + _CHUNK], codes[start : start + _CHUNK])
        return codes

    def _chunk(self, values: Floats, codes: NDArray[np.int32]) -> None:
        self.below.take(_cell(values, self.origin, self.scale, self.last), out=codes, mode="clip")
        slow = (codes == _SLOW).nonzero()[0]
        for _ in range(self.steps):
            edge = self.edges.take(codes, mode="clip")
            codes += values >= edge
        if self.paired:
            codes += values > edge
        if len(slow):
            codes[slow] = self.edges[:-1].searchsorted(values[slow], side="right")


def _middle(edges: Floats) -> tuple[float, float]:
    """Return the range of the edges without those tails that would take more than a tenth of it."""
    trim = len(edges) // 200
    low, high = edges[trim], edges[-1 - trim]
    with np.errstate(over="ignore"):
        near = (high - low) / 10
        low = edges[0] if low - edges[0] <= near else low
        high = edges[-1] if edges[-1] - high <= near else high
    return low, high


def _cell(values: Floats, origin: float, scale: float, last: int) -> NDArray[np.int32]:
    """Return the cell of each value; that of NaN is below the first, where ``take`` clips it."""
    with np.errstate(invalid="ignore", over="ignore"):
        position = values - origin
        position *= scale
        np.clip(position, 0.0, last, out=position)
        return position.astype(np.int32)
