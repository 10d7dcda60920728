"""Jensen-Shannon distance."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from monitor.metrics.registry import metric
from monitor.metrics.shares import shares


@metric(kind="drift", reads="coarse20", unit="", worse="higher", ideal=0.0, limits=(0.0, 1.0))
def jensen_shannon_distance(reference: NDArray[np.int64], current: NDArray[np.int64]) -> float | None:
    """Jensen-Shannon distance of two histograms over the same bins, with logarithms to base 2.

    The square root of the mean Kullback-Leibler divergence of either side from the average of both. It is symmetric,
    and a metric in the mathematical sense.

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
    As ``scipy.spatial.distance.jensenshannon(p, q, base=2)``, and as NannyML. Evidently takes base e: multiply its
    values by 1.2011 to compare. Source: Endres and Schindelin, "A new metric for probability distributions", 2003.

    Examples
    --------
    >>> round(jensen_shannon_distance(np.array([500, 500]), np.array([700, 300])), 3)
    0.174
    """
    both = shares(reference, current)
    if both is None:
        return None
    p, q = both
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(p > 0, p * np.log2(p / middle), 0.0) + np.where(q > 0, q * np.log2(q / middle), 0.0)
    return sqrt(min(1.0, max(0.0, float(terms.sum()) / 2)))
