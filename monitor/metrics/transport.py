"""Transport: the area between two distribution functions, bin by bin."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from monitor.metrics.extent import ends, finite_counts
from monitor.profile.bins import NumericBins
from monitor.profile.histogram import Histogram

Floats = NDArray[np.float64]


def transport(reference: Histogram, current: Histogram) -> Floats:
    """Return the area between the distribution functions over every bin but missing; shape ``(bins - 1,)``.

    Of finite values, of which both sides must have some. Rows and mean of a bin give its signed area exactly,
    wherever inside it the values lie: with ``h`` the gap between the functions at the lower end, ``w`` the width,
    ``u`` the upper end, ``p`` and ``q`` the shares of the bin, ``h w + p (u - mean of p) - q (u - mean of q)``. Its
    absolute value is the area itself unless the functions cross inside the bin, which they cannot in a point bin, nor
    in a gap bin without current rows. So the sum is never more than the true distance, and less by at most half the
    width times ``p + q`` of the bins with a crossing. Simulated, 1024 bins: 0.1 to 1 % less without drift (heavy
    tails 2 to 10 %), under 0.1 % with.
    """
    bins = cast(NumericBins, reference.bins)
    change = finite_counts(reference) / reference.finite - finite_counts(current) / current.finite
    before = np.cumsum(change) - change
    lower, upper = ends(bins, reference, current)
    moved = reference.bin_sums[:-1] / reference.finite - current.bin_sums[:-1] / current.finite
    return np.abs(before * (upper - lower) + change * upper - moved)
