"""Wasserstein distance in standard deviations, tails clipped."""

from __future__ import annotations

from math import sqrt

import numpy as np

from monitor.metrics.absence import NO_SPREAD, absent
from monitor.metrics.clipping import clip, spread_between
from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.registry import metric
from monitor.metrics.transport import transport
from monitor.profile.histogram import Histogram


@metric(kind="drift", reads="column", columns="numeric", unit="sd", worse="higher", ideal=0.0, limits=(0.0, None))
def wasserstein_distance_robust(reference: Histogram, current: Histogram) -> Estimate:
    """How far the values have moved on average, in standard deviations, with both sides clipped to the usual range.

    Values below the reference's 0.1 % quantile count as that quantile, values above its 99.9 % quantile as that one;
    the distance is divided by the standard deviation of the reference so clipped. A far value weighs no more than one
    at the end of the range. Over finite values.

    Parameters
    ----------
    reference, current : Histogram
        Of one numeric column, over the same bins.

    Returns
    -------
    Estimate
        0 or more, in standard deviations; ``n`` is the current rows with a finite value. Undefined when either side has
        none, and when the clipped reference is constant.

    Raises
    ------
    LayoutError
        The two were counted over different bins.

    Notes
    -----
    The quantiles are taken at the outer edge of the bin they fall into, which holds about 0.1 % of the reference; the
    spread inside bins is left out of the standard deviation (less than 1 % of it). Otherwise as accurate as
    ``wasserstein_distance``. A change beyond the usual range is invisible here but for its share of rows: look at
    ``out_of_range_rate`` too.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.freeze import numeric_bins
    >>> bins = numeric_bins(np.array([1.0, 3.0]))
    >>> before = Histogram(bins, bins.mass, np.zeros(6), 2, 0.0, 2.0, 1.0, 3.0)
    >>> weights = np.array([0, 0, 0, 0, 1e6, 0])
    >>> after = Histogram(bins, np.array([0, 1, 0, 0, 1, 0]), weights, 2, 999_999.0, 1e12, 1.0, 1e6 + 2)
    >>> round(wasserstein_distance_robust(before, after).value, 9)
    0.0
    """
    reference.check(current)
    nothing = absent(reference.finite, current.finite, "finite value")
    if nothing:
        return nothing
    kept = clip(reference)
    variance = spread_between(reference, kept)
    if not variance:
        return undefined(NO_SPREAD, current.finite)
    area = float(np.sum(transport(reference, current)[kept]))
    return Estimate(area / sqrt(variance), n=current.finite)
