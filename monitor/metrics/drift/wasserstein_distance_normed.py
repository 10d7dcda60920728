"""Wasserstein distance in standard deviations."""

from __future__ import annotations

from math import sqrt

from monitor.metrics.absence import NO_SPREAD, absent
from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.intervals import clipped
from monitor.metrics.registry import metric
from monitor.metrics.transport import transport
from monitor.profile.histogram import Histogram

NONE = (float("nan"), float("nan"))  # no interval


@metric(kind="drift", reads="column", columns="numeric", unit="sd", worse="higher", ideal=0.0, limits=(0.0, None))
def wasserstein_distance_normed(reference: Histogram, current: Histogram) -> Estimate:
    """How far the values have moved on average, in standard deviations of the reference.

    The Wasserstein distance divided by the reference's standard deviation, so that columns of different units
    compare. Over finite values within 1e100 of the reference mean.

    Parameters
    ----------
    reference, current : Histogram
        Of one numeric column, over the same bins.

    Returns
    -------
    Estimate
        0 or more, in standard deviations; ``n`` is the current rows with a finite value. Undefined when either side
        has none, and when the reference is constant: ``wasserstein_distance`` still tells how far it moved.

    Raises
    ------
    LayoutError
        The two were counted over different bins.

    Notes
    -----
    A pure shift of the mean by d standard deviations reads d. As accurate as ``wasserstein_distance``; a single far
    value can dominate it, which ``wasserstein_distance_robust`` prevents.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.freeze import numeric_bins
    >>> bins = numeric_bins(np.array([1.0, 3.0]))
    >>> before = Histogram(bins, bins.mass, np.zeros(6), 2, 0.0, 2.0, 1.0, 3.0)
    >>> after = Histogram(bins, np.array([0, 0, 0, 4, 0, 1]), np.zeros(6), 4, 4.0, 4.0, 3.0, 3.0)
    >>> round(wasserstein_distance_normed(before, after).value, 4)
    0.7071
    """
    reference.check(current)
    nothing = absent(reference.finite, current.finite, "finite value")
    if nothing:
        return nothing
    variance = reference.variance
    if not variance:
        return undefined(NO_SPREAD, current.finite)
    return clipped(float(transport(reference, current).sum()) / sqrt(variance), current.finite, NONE)
