"""Clipping: the usual range of a reference, from its 0.1 % to its 99.9 % quantile."""

from __future__ import annotations

from typing import cast

import numpy as np

from monitor.metrics.extent import ends, finite_counts
from monitor.profile.bins import NumericBins
from monitor.profile.histogram import Histogram

TAIL = 0.001


def clip(reference: Histogram) -> slice:
    """Return the bins from the one that holds the reference's 0.1 % quantile to that of its 99.9 % quantile.

    Examples
    --------
    >>> from monitor.profile.freeze import numeric_bins
    >>> bins = numeric_bins(np.arange(5.0))
    >>> clip(Histogram(bins, bins.mass, np.zeros(len(bins)), 5, 0.0, 10.0, 0.0, 4.0))
    slice(1, 10, None)
    """
    below = np.cumsum(finite_counts(reference)) / reference.finite
    first = int(np.searchsorted(below, TAIL))
    last = int(np.searchsorted(below, 1 - TAIL))
    return slice(first, min(last, len(below) - 1) + 1)


def spread_between(reference: Histogram, kept: slice) -> float:
    """Return the variance of the reference with all values clipped to the ends of ``kept``.

    Each bin is taken at its mean.
    """
    bins = cast(NumericBins, reference.bins)
    counts = finite_counts(reference)
    lower, upper = ends(bins, reference)
    means = reference.bin_sums[:-1] / np.maximum(counts, 1)
    means = np.clip(means, lower[kept.start], upper[kept.stop - 1])
    middle = float(np.dot(counts, means)) / reference.finite
    squares = float(np.dot(counts, (means - middle) ** 2))
    return squares / (reference.finite - 1) if reference.finite > 1 else 0.0
