"""Distribution functions of two histograms, and how far they come apart."""

from __future__ import annotations

import numpy as np

from monitor.profile.histogram import Histogram


def largest_gap(reference: Histogram, current: Histogram) -> float:
    """Return the largest gap between the two distribution functions at the upper ends of their bins.

    Over the rows with a value, of which both must have some; an infinite value lies in the under- or overflow.

    Examples
    --------
    >>> from monitor.profile.freeze import numeric_bins
    >>> bins = numeric_bins(np.array([1.0, 2.0]))
    >>> count = lambda *rows: Histogram(bins, np.array(rows), np.zeros(6))
    >>> largest_gap(count(0, 1, 0, 1, 0, 9), count(0, 0, 0, 1, 0, 0))
    0.5
    """
    below = np.cumsum(reference.counts[:-1]) / reference.present
    below -= np.cumsum(current.counts[:-1]) / current.present
    return float(max(below.max(), -below.min()))
