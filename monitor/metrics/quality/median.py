"""Median of a column."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.intervals import clipped
from monitor.metrics.ranks import median_ranks, value_at
from monitor.metrics.registry import metric
from monitor.profile.histogram import Histogram


@metric(kind="quality", reads="column", columns="numeric", unit="column", worse="neither")
def median(reference: Histogram, current: Histogram) -> Estimate:
    """Median of the finite values of a column.

    Parameters
    ----------
    reference, current : Histogram
        Of one numeric column, over the same bins; only the current one is measured.

    Returns
    -------
    Estimate
        In the column's unit; ``n`` is the finite values within 1e100 of the reference mean. Undefined without any. The
        interval goes between the two values whose ranks enclose the middle in 95 % of samples.

    Raises
    ------
    LayoutError
        The two were counted over different bins.

    Notes
    -----
    Exact where the middle values lie in bins of one value, as in columns of up to 512 reference values; otherwise
    interpolated inside their bin, which holds about 0.1 % of the reference.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.freeze import numeric_bins
    >>> bins = numeric_bins(np.array([1.0, 3.0]))
    >>> now = Histogram(bins, bins.mass, np.zeros(6), finite=2, first=0.0, second=2.0, minimum=1.0, maximum=3.0)
    >>> median(now, now).value
    2.0
    """
    reference.check(current)
    n = current.finite
    if not n:
        return undefined("no rows with a finite value")
    below, above = median_ranks(n)
    low, left, right, high = value_at(current, (below, (n + 1) // 2, n // 2 + 1, above))
    return clipped(left + (right - left) / 2, n, (low, high))
