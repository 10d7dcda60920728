"""Folding: a column's rows over few bins, which is all that the spread of a reference's windows needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.metrics.chance import expected_largest_gap
from monitor.metrics.coarse import COARSE
from monitor.profile.bins import Bins, NumericBins
from monitor.rules.gap import BRIDGE_SQUARE, Statistic, variation_square

Ints = NDArray[np.int64]

FINE = 128  # bins for the largest gap


@dataclass(frozen=True, eq=False)
class Folding:
    """Where each fine bin goes: ``fine`` for numbers among about 128 ordered bins, ``few`` among about 20.

    Folded rows stand side by side: first the ``ordered`` ones (none of a categorical column), then the ``coarse``.
    """

    fine: Ints | None
    few: Ints

    @classmethod
    def of(cls, bins: Bins) -> Folding:
        """Return the folding of a column's bins; of categories the 17 most frequent stay apart."""
        if isinstance(bins, NumericBins):
            return cls(bins.fold(FINE), bins.fold(COARSE))
        few = np.full(len(bins), COARSE - 3, dtype=np.int64)
        named = np.argsort(-bins.mass[:-3], kind="stable")[: COARSE - 3]
        few[named] = np.arange(len(named))
        few[-2:] = COARSE - 2, COARSE - 1
        return cls(None, few)

    @property
    def ordered(self) -> slice:
        """Where the rows with a value stand in order."""
        return slice(0, 0) if self.fine is None else slice(0, int(self.fine[:-1].max(initial=-1)) + 1)

    @property
    def coarse(self) -> slice:
        """Where the rows over few bins stand, missing among them."""
        return slice(self.ordered.stop, None)

    def fold(self, counts: Ints) -> Ints:
        """Return rows over the folded bins."""
        few = np.bincount(self.few, counts, int(self.few.max()) + 1)
        if self.fine is None:
            return few.astype(np.int64)
        ordered = np.bincount(self.fine[:-1], counts[:-1], self.ordered.stop)
        return np.concatenate([ordered, few]).astype(np.int64)

    @staticmethod
    def square(statistic: Statistic, counts: Ints) -> float:
        """Return the mean square of a statistic by chance, for a noise of 1, where rows lie as in these counts.

        A column with ties, or few bins, has smaller gaps by chance than a continuous one.
        """
        n = int(counts.sum())
        if statistic == "total_variation_distance":
            return variation_square(counts)
        if n < 2:
            return BRIDGE_SQUARE
        even = np.ones(min(10000, n), dtype=np.int64)
        rows = counts if n < 10_000 else np.round(counts * (10_000 / n)).astype(np.int64)
        untied = expected_largest_gap(even, even)
        return BRIDGE_SQUARE * min(1.0, expected_largest_gap(rows, rows) / untied) ** 2 if rows.any() else BRIDGE_SQUARE
