"""Mean of a column."""

from __future__ import annotations

from math import sqrt

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.intervals import clipped
from monitor.metrics.means import student_quantile
from monitor.metrics.registry import metric
from monitor.profile.histogram import Histogram


@metric(kind="quality", reads="column", columns="numeric", unit="column", worse="neither")
def mean(reference: Histogram, current: Histogram) -> Estimate:
    """Mean of the finite values of a column.

    Parameters
    ----------
    reference, current : Histogram
        Of one numeric column, over the same bins; only the current one is measured.

    Returns
    -------
    Estimate
        In the column's unit, with Student's interval from two values on; ``n`` is the finite values within 1e100 of
        the reference mean. Undefined without any.

    Raises
    ------
    LayoutError
        The two were counted over different bins.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.freeze import numeric_bins
    >>> bins = numeric_bins(np.array([1.0, 3.0]))
    >>> now = Histogram(bins, bins.mass, np.zeros(6), finite=2, first=0.0, second=2.0, minimum=1.0, maximum=3.0)
    >>> mean(now, now).value
    2.0
    """
    reference.check(current)
    value, variance, n = current.mean, current.variance, current.finite
    if value is None:
        return undefined("no rows with a finite value")
    if variance is None:
        return Estimate(value, n=n)
    half = student_quantile(n - 1) * sqrt(variance / n)
    return clipped(value, n, (value - half, value + half))
