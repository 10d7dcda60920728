"""Extent: where the finite values of a histogram's bins lie."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from monitor.profile.bins import NumericBins
from monitor.profile.histogram import Histogram

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


def finite_counts(histogram: Histogram) -> Counts:
    """Return the rows with a finite value per bin, missing left out; shape ``(bins - 1,)``.

    Infinite values, and those beyond 1e100 from the centre, stand in underflow and overflow beside finite ones. How
    many there are in both together is known; only when both hold finite and infinite values at once is the division
    between them an estimate, kept within what sums and extremes allow.
    """
    counts = histogram.counts[:-1]
    finite = histogram.finite
    if finite == histogram.present:
        return counts
    counts = counts.copy()
    inner = int(counts[1:-1].sum())
    outside = finite - inner
    if len(counts) == 1:
        counts[0] = finite
        return counts
    counts[0], counts[-1] = _divide(histogram, outside)
    return counts


def _divide(histogram: Histogram, outside: int) -> tuple[int, int]:
    """Divide finite rows outside the reference range between below and above."""
    under, over = int(histogram.counts[0]), int(histogram.counts[-2])
    low = max(outside - over, min(1, outside) if histogram.weights[0] else 0)
    high = min(under, outside - (1 if histogram.weights[-2] else 0)) if histogram.weights[0] else 0
    return _between(round(outside * under / max(1, under + over)), low, high, outside)


def _between(wanted: int, low: int, high: int, outside: int) -> tuple[int, int]:
    below = max(0, low, min(wanted, high))
    return below, outside - below


def ends(bins: NumericBins, *histograms: Histogram) -> tuple[Floats, Floats]:
    """Return lower and upper end of every bin but missing, as distances from the centre; shape ``(bins - 1,)`` each.

    Underflow begins at the least finite value of the histograms, overflow ends at the greatest; without
    such values they have no width.

    Examples
    --------
    >>> from monitor.profile.freeze import numeric_bins
    >>> bins = numeric_bins(np.array([1.0, 3.0]))
    >>> current = Histogram(bins, np.array([1, 0, 1, 0, 0, 0]), np.zeros(6), finite=2, minimum=0.0, maximum=2.5)
    >>> lower, upper = ends(bins, current)
    >>> lower.round(9).tolist(), upper.round(9).tolist()
    ([-2.0, -1.0, -1.0, 1.0, 1.0], [-1.0, -1.0, 1.0, 1.0, 1.0])
    """
    inner = bins.edges - bins.centre
    least = min((h.minimum for h in histograms if h.minimum is not None), default=np.inf) - bins.centre
    greatest = max((h.maximum for h in histograms if h.maximum is not None), default=-np.inf) - bins.centre
    if not len(inner):
        return np.array([least]), np.array([greatest])
    lower = np.append(min(least, inner[0]), inner)
    upper = np.append(inner, max(greatest, inner[-1]))
    return lower, upper
