"""Missing rate."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate
from monitor.metrics.intervals import wilson
from monitor.metrics.registry import metric
from monitor.profile.histogram import Histogram


@metric(kind="quality", reads="column", unit="share", worse="higher", ideal=0.0, limits=(0.0, 1.0))
def missing_rate(reference: Histogram, current: Histogram) -> Estimate:
    """Share of the rows without a value: null, NaN, or not readable as a number.

    Parameters
    ----------
    reference, current : Histogram
        Of one column, over the same bins; only the current one is measured.

    Returns
    -------
    Estimate
        From 0 to 1, with Wilson's interval; ``n`` is the rows of the window. Undefined without rows.

    Raises
    ------
    LayoutError
        The two were counted over different bins.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.freeze import numeric_bins
    >>> bins = numeric_bins(np.array([1.0]))
    >>> now = Histogram(bins, np.array([0, 6, 0, 4]), np.zeros(4))
    >>> missing_rate(now, now).value
    0.4
    """
    reference.check(current)
    return wilson(current.missing, current.n)
