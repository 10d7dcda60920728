"""Population stability index."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from monitor.metrics.registry import metric
from monitor.metrics.shares import shares


@metric(kind="drift", reads="coarse10", unit="nat", worse="higher", ideal=0.0, limits=(0.0, None))
def psi(reference: NDArray[np.int64], current: NDArray[np.int64]) -> float | None:
    """How far the shares of the bins have moved, as population stability index.

    The sum over bins of ``(q - p) * ln(q / p)``, with ``p`` and ``q`` the shares of the reference and the current
    rows. Bins empty on both sides are left out; half a row is added to every other one, so that an empty bin gives a
    finite term which moves smoothly with the counts.

    Parameters
    ----------
    reference, current : int64 array, shape (bins,)
        Rows per bin, the same bins in the same order: about 10 of equal reference mass for a number, missing included.

    Returns
    -------
    float or None
        Nats, 0 or more. None when either side has no rows: silence is not stability.

    Raises
    ------
    ShapeError
        The two histograms differ in shape.

    Notes
    -----
    Chance alone gives about ``(bins - 1) * (1/n + 1/m)``: at 100 current rows 0.09, so a fixed limit needs a row floor.

    Source: Yurdakul, "Statistical Properties of Population Stability Index", 2018.

    Examples
    --------
    >>> round(psi(np.array([500, 500]), np.array([700, 300])), 3)
    0.169
    """
    both = shares(reference, current, added=0.5)
    if both is None:
        return None
    p, q = both
    return float(((q - p) * np.log(q / p)).sum())
