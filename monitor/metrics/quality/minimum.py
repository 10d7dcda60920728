"""Smallest value of a column."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.registry import metric
from monitor.profile.histogram import Histogram


@metric(kind="quality", reads="column", columns="numeric", unit="column", worse="neither")
def minimum(reference: Histogram, current: Histogram) -> Estimate:
    """Smallest finite value of a column.

    Parameters
    ----------
    reference, current : Histogram
        Of one numeric column, over the same bins; only the current one is measured.

    Returns
    -------
    Estimate
        In the column's unit, without an interval; ``n`` is the finite values within 1e100 of the reference mean.
        Undefined without any.

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
    >>> minimum(now, now).value
    1.0
    """
    reference.check(current)
    if current.minimum is None:
        return undefined("no rows with a finite value")
    return Estimate(current.minimum, n=current.finite)
