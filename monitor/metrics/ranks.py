"""Ranks: the values that stand at given places of the sorted column."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, sqrt
from typing import cast

import numpy as np

from monitor.metrics.extent import ends, finite_counts
from monitor.metrics.intervals import LEVEL, normal_quantile
from monitor.profile.bins import NumericBins
from monitor.profile.histogram import Histogram


def quantile_ranks(share: float, n: int, level: float = LEVEL) -> tuple[int, int]:
    """Return the ranks (from 1) between which the quantile lies at this level, by the normal form of the binomial.

    Source: Conover, "Practical Nonparametric Statistics", 1999, section 3.2.

    Examples
    --------
    >>> quantile_ranks(0.5, 100)
    (40, 61)
    """
    reach = normal_quantile(level) * sqrt(n * share * (1 - share))
    return max(1, floor(n * share - reach)), min(n, floor(n * share + reach) + 2)


def median_ranks(n: int) -> tuple[int, int]:
    """Return the ranks between which the median lies in 95 % of samples.

    Examples
    --------
    >>> median_ranks(100)
    (40, 61)
    """
    below, _ = quantile_ranks(0.5, n)
    return below, n + 1 - below


def value_at(histogram: Histogram, ranks: Sequence[int]) -> list[float]:
    """Return the finite values at ranks (from 1) of the sorted column.

    Exact in bins of one value or one row. Elsewhere the rows of a bin are laid out evenly, from whichever end of the
    bin keeps their mean right.

    Examples
    --------
    >>> from monitor.profile.freeze import numeric_bins
    >>> bins = numeric_bins(np.array([1.0, 3.0]))
    >>> weights = np.array([0, 0, 1.0, 0, 0, 0])  # two values between 1 and 3, with the mean 2.5
    >>> between = Histogram(bins, np.array([0, 0, 2, 0, 0, 0]), weights, 2, 1.0, 0.5, 2.4, 2.6)
    >>> [round(x, 3) for x in value_at(between, (1, 2))]
    [2.4, 2.6]
    """
    bins = cast(NumericBins, histogram.bins)
    counts = finite_counts(histogram)
    lower, upper = ends(bins, histogram)
    reached = np.cumsum(counts)
    values = []
    for rank in ranks:
        i = int(np.searchsorted(reached, rank))
        held, width = int(counts[i]), float(upper[i] - lower[i])
        mean = float(histogram.bin_sums[i]) / held
        place = (rank - 0.5 - float(reached[i] - held)) / held
        from_low = 2 * (mean - lower[i]) * place + lower[i]
        from_high = upper[i] - 2 * (upper[i] - mean) * (1 - place)
        value = bins.centre + float(from_low if mean - lower[i] <= width / 2 else from_high)
        exact = bool(bins.points[i])
        values.append(float(bins.edges[i - 1]) if exact else _inside(value, histogram))
    return values


def _inside(value: float, histogram: Histogram) -> float:
    low, high = histogram.minimum, histogram.maximum
    value = value if low is None else max(low, value)
    return value if high is None else min(high, value)
