"""Total variation distance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from monitor.metrics.registry import metric
from monitor.metrics.shares import shares


@metric(kind="drift", reads="coarse20", unit="share", worse="higher", ideal=0.0, limits=(0.0, 1.0))
def total_variation_distance(reference: NDArray[np.int64], current: NDArray[np.int64]) -> float | None:
    """Share of the rows that lie in another bin than the reference would have them.

    Half the sum of the absolute differences of the shares: the least part of the rows that must move to make both sides
    equal. It is symmetric.

    Parameters
    ----------
    reference, current : int64 array, shape (bins,)
        Rows per bin, the same bins in the same order: about 20 of equal reference mass for a number, missing included.

    Returns
    -------
    float or None
        From 0, equal shares, to 1, nothing in common. None when either side has no rows.

    Raises
    ------
    ShapeError
        The two histograms differ in shape.

    Notes
    -----
    Chance alone gives about 0.4 times the sum over bins of ``sqrt(p (1 - p) (1/n + 1/m))``: 0.17 with 20 bins at 100
    current rows. ``drift_effect`` subtracts this.

    Examples
    --------
    >>> round(total_variation_distance(np.array([500, 500]), np.array([700, 300])), 3)
    0.2
    """
    both = shares(reference, current)
    if both is None:
        return None
    p, q = both
    return min(1.0, float(np.abs(p - q).sum()) / 2)
