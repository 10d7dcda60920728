"""Hellinger distance."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from monitor.metrics.registry import metric
from monitor.metrics.shares import shares


@metric(kind="drift", reads="coarse20", unit="", worse="higher", ideal=0.0, limits=(0.0, 1.0))
def hellinger_distance(reference: NDArray[np.int64], current: NDArray[np.int64]) -> float | None:
    """Hellinger distance of two histograms over the same bins.

    The Euclidean distance between the square roots of the shares, divided by the square root of 2. It is symmetric,
    and weighs a change in a rare bin more than total variation does.

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
    Source: Hellinger, "Neue Begründung der Theorie quadratischer Formen", 1909.

    Examples
    --------
    >>> round(hellinger_distance(np.array([500, 500]), np.array([700, 300])), 3)
    0.145
    """
    both = shares(reference, current)
    if both is None:
        return None
    p, q = both
    return min(1.0, sqrt(float(((np.sqrt(p) - np.sqrt(q)) ** 2).sum()) / 2))
