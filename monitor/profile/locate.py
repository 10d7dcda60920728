"""Binary search made fast: a lookup grid over the edges, exact for every value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_CHUNK = 16_384  # rows per pass: temporaries stay in the second-level cache
_SMALL = 2_048  # below this many values a plain binary search is as fast
_STEPS = 2  # edges that a grid cell may hold on the fast path: a point bin has two
_SPREAD = 32  # grid cells per edge


@dataclass(frozen=True, eq=False)
class Locator:
    """Finds the bin of each value as ``np.searchsorted(edges, x, side="right")`` would, several times faster.

    The range of the edges is cut into equal cells. ``below[c]`` counts the edges in earlier cells. Since the cell of
    a value grows with the value, only the edges in its own cell need comparing; values in cells that hold
    more than two go to binary search.
    """

    edges: Floats
    origin: float
    scale: float
    last: int
    below: NDArray[np.int32]
    crowded: NDArray[np.bool_]

    @classmethod
    def build(cls, edges: Floats) -> Locator:
        """Lay the grid over the middle of the edges, so that far tails do not blunt it."""
        trim = len(edges) // 200
        low, high = (edges[trim], edges[-1 - trim]) if len(edges) else (0.0, 0.0)
        cells = 1 << max(6, int(np.ceil(np.log2(max(1, len(edges)) * _SPREAD))))
        width = high - low
        with np.errstate(over="ignore"):
            scale = cells / width if np.isfinite(width) and width > 0 else 0.0
        if not np.isfinite(scale):
            scale = 0.0
        cell = _cell(edges, low, scale, cells - 1)
        held = np.bincount(cell, minlength=cells)
        below = (np.cumsum(held) - held).astype(np.int32)
        padded = np.append(edges, np.full(_STEPS, np.inf))
        return cls(padded, float(low), float(scale), cells - 1, below, held > _STEPS)

    def locate(self, values: Floats) -> NDArray[np.int32]:
        """Return for each value the number of edges at or below it; NaN gets the last bin."""
        edges = self.edges[:-_STEPS]
        if len(values) < _SMALL or not self.scale or len(edges) < 4:
            return np.searchsorted(edges, values, side="right").astype(np.int32)
        codes = np.empty(len(values), dtype=np.int32)
        for start in range(0, len(values), _CHUNK):
            self._chunk(values[start : start + _CHUNK], codes[start : start + _CHUNK])
        return codes

    def _chunk(self, values: Floats, codes: NDArray[np.int32]) -> None:
        cell = _cell(values, self.origin, self.scale, self.last)
        np.take(self.below, cell, out=codes, mode="clip")
        for _ in range(_STEPS):
            codes += values >= np.take(self.edges, codes, mode="clip")
        slow = np.take(self.crowded, cell, mode="clip")
        if slow.any():
            codes[slow] = np.searchsorted(self.edges[:-_STEPS], values[slow], side="right")


def _cell(values: Floats, origin: float, scale: float, last: int) -> NDArray[np.int32]:
    with np.errstate(invalid="ignore", over="ignore"):
        position = (values - origin) * scale
    np.fmax(position, 0.0, out=position)  # fmax and fmin also turn NaN into a number
    np.fmin(position, last, out=position)
    return position.astype(np.int32)
