"""Bins frozen from the reference: where each value of a column is counted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from monitor.profile.fold import fold_numeric
from monitor.profile.locate import Codes, Locator

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

BEYOND = 1e100  # farther than this from the centre a finite value counts as infinite


@dataclass(frozen=True, eq=False)
class NumericBins:
    """Half-open bins of a numeric column: underflow, the inner ones, overflow, missing.

    ``edges`` (ascending, shape ``(e,)``) gives ``e + 2`` bins: bin ``i`` holds ``edges[i-1] <= x < edges[i]``, bin
    0 all below the reference minimum, bin ``e`` all above its maximum, the last one what is missing. A **point
    bin** holds one single value: its upper edge is the next float after its lower one. ``centre`` is the reference
    mean that sums are kept about, ``deviation`` the reference standard deviation (0 when constant or unknown),
    ``mass`` the reference rows per bin, which only serve to fold fine bins into coarse ones.
    """

    edges: Floats
    centre: float
    deviation: float
    mass: Ints

    def __len__(self) -> int:
        """Count the bins, missing included."""
        return len(self.edges) + 2

    @cached_property
    def points(self) -> NDArray[np.bool_]:
        """Which bins hold one single value; shape ``(bins,)``."""
        inner = np.zeros(len(self), dtype=bool)
        if len(self.edges) > 1:
            inner[1 : len(self.edges)] = self.edges[1:] == np.nextafter(self.edges[:-1], np.inf)
        return inner

    @cached_property
    def locator(self) -> Locator:
        """The fast path from values to bins."""
        return Locator.build(self.edges, self.mass)

    def locate(self, values: Floats) -> Codes:
        """Return the bin of each value; NaN is missing, ±Inf is under- or overflow."""
        codes = self.locator.locate(values)
        missing = np.isnan(values)
        if missing.any():
            codes[missing] = len(self) - 1
        return codes

    def fold(self, k: int) -> Ints:
        """Return for every fine bin its coarse bin among about ``k`` of equal reference mass; missing stays last."""
        if k not in self._folds:
            self._folds[k] = fold_numeric(self.mass, self.points, k)
        return self._folds[k]

    @cached_property
    def _folds(self) -> dict[int, Ints]:
        return {}


@dataclass(frozen=True, eq=False)
class CategoricalBins:
    """Bins of a categorical column: its most frequent reference categories, other, unseen, missing.

    ``known`` (sorted uint64) are hashes of all further reference categories, counted as other.
    """

    categories: tuple[str, ...]
    known: NDArray[np.uint64]
    mass: Ints

    def __len__(self) -> int:
        """Count the bins: categories, other, unseen, missing."""
        return len(self.categories) + 3

    @cached_property
    def codes(self) -> dict[str, int]:
        """Bin of each named category."""
        return {text: i for i, text in enumerate(self.categories)}

    @cached_property
    def named(self) -> pa.LargeStringArray:
        """The named categories as Arrow looks them up; null for what no UTF-8 text can be."""
        texts = [t if _is_utf8(t) else None for t in self.categories]
        return pa.array(texts, pa.large_string())

    @property
    def other(self) -> int:
        """Index of the bin for rare reference categories."""
        return len(self.categories)

    @property
    def unseen(self) -> int:
        """Index of the bin for categories the reference never had."""
        return len(self.categories) + 1

    def fold(self, k: int) -> Ints:  # noqa: ARG002
        """Return the identity: categories are not coarsened."""
        return self._identity

    @cached_property
    def _identity(self) -> Ints:
        return np.arange(len(self), dtype=np.int64)


Bins = NumericBins | CategoricalBins


def _is_utf8(text: str) -> bool:
    """Tell whether a text has no half of a surrogate pair."""
    return text == text.encode("utf-8", "ignore").decode()
