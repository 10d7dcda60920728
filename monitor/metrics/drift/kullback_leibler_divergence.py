"""Kullback-Leibler divergence."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from monitor.metrics.registry import metric
from monitor.metrics.shares import shares


@metric(kind="drift", reads="coarse20", unit="nat", worse="higher", ideal=0.0, limits=(0.0, None))
def kullback_leibler_divergence(reference: NDArray[np.int64], current: NDArray[np.int64]) -> float | None:
    """Kullback-Leibler divergence of the current rows from the reference.

    The sum over bins of ``q * ln(q / p)``, with ``p`` and ``q`` the shares of the reference and the current rows.
    Bins empty on both sides are left out; half a row is added to every other one, so that an empty bin gives a finite
    term. It is not symmetric: what appears where the reference had nothing weighs more than what disappears.

    Parameters
    ----------
    reference, current : int64 array, shape (bins,)
        Rows per bin, the same bins in the same order: about 20 of equal reference mass for a number, missing included.

    Returns
    -------
    float or None
        Nats, 0 or more. None when either side has no rows.

    Raises
    ------
    ShapeError
        The two histograms differ in shape.

    Notes
    -----
    Chance alone gives about ``(bins - 1) / 2 * (1/n + 1/m)``. Source: Kullback and Leibler, "On information and
    sufficiency", 1951.

    Examples
    --------
    >>> round(kullback_leibler_divergence(np.array([500, 500]), np.array([700, 300])), 3)
    0.082
    """
    both = shares(reference, current, added=0.5)
    if both is None:
        return None
    p, q = both
    return max(0.0, float((q * np.log(q / p)).sum()))
