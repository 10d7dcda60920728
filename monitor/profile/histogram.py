"""A histogram: one column's rows per frozen bin."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from monitor.errors import LayoutError
from monitor.profile.bins import Bins, CategoricalBins, Floats, Ints, NumericBins


@dataclass(frozen=True, eq=False)
class Histogram:
    """Rows of one column, counted over its frozen bins.

    ``counts`` (int64, shape ``(bins,)``) ends with missing; before it stand overflow (numeric) or other and unseen
    (categorical). ``weights`` are sums of ``value - bins.centre`` of the finite values of each bin (zeros for point
    bins, whose value is known, and for categories). ``finite``, ``first`` and ``second`` are the number of finite
    values and the sums of their distance from the centre and of its square; ``minimum`` and ``maximum`` are over
    finite values, None when there are none.
    """

    bins: Bins
    counts: Ints
    weights: Floats
    finite: int = 0
    first: float = 0.0
    second: float = 0.0
    minimum: float | None = None
    maximum: float | None = None

    @cached_property
    def n(self) -> int:
        """All rows, missing included."""
        return int(self.counts.sum())

    @property
    def missing(self) -> int:
        """Rows without a value: null, NaN, unparsable."""
        return int(self.counts[-1])

    @property
    def present(self) -> int:
        """Rows with a value."""
        return self.n - self.missing

    @property
    def unseen(self) -> int:
        """Rows with a category that the reference never had; 0 for numbers."""
        return int(self.counts[self.bins.unseen]) if isinstance(self.bins, CategoricalBins) else 0

    @property
    def out_of_range(self) -> int:
        """Rows below the reference minimum or above its maximum; 0 for categories."""
        return int(self.counts[0] + self.counts[-2]) if isinstance(self.bins, NumericBins) else 0

    @property
    def mean(self) -> float | None:
        """Mean of the finite values."""
        return self._centre + self.first / self.finite if self.finite else None

    @property
    def variance(self) -> float | None:
        """Sample variance (n - 1) of the finite values; None below two of them."""
        if self.finite < 2:
            return None
        return max(0.0, (self.second - self.first**2 / self.finite) / (self.finite - 1))

    @cached_property
    def bin_sums(self) -> Floats:
        """Sum of ``value - centre`` per bin, point bins included; shape ``(bins,)``."""
        sums = self.weights.copy()
        if isinstance(self.bins, NumericBins):
            at = np.flatnonzero(self.bins.points)
            sums[at] = self.counts[at] * (self.bins.edges[at - 1] - self.bins.centre)
        return sums

    def coarse(self, k: int) -> Ints:
        """Return counts over about ``k`` coarse bins of equal reference mass; categories stay as they are."""
        fold = self.bins.fold(k)
        return np.bincount(fold, self.counts, int(fold.max()) + 1).astype(np.int64)

    def without_missing(self) -> Histogram:
        """Return the same histogram of present rows only, as for a target that is not known yet."""
        counts = self.counts.copy()
        counts[-1] = 0
        return Histogram(
            self.bins, counts, self.weights, self.finite, self.first, self.second, self.minimum, self.maximum
        )

    def check(self, other: Histogram) -> None:
        """Raise LayoutError unless both were counted over the same bins."""
        if len(self.bins) != len(other.bins):
            raise LayoutError("the two histograms were counted over different bins")

    @property
    def _centre(self) -> float:
        return self.bins.centre if isinstance(self.bins, NumericBins) else 0.0
