"""Rate of values out of range."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.intervals import wilson
from monitor.metrics.registry import metric
from monitor.profile.histogram import Histogram


@metric(kind="quality", reads="column", columns="numeric", unit="share", worse="higher", ideal=0.0, limits=(0.0, 1.0))
def out_of_range_rate(reference: Histogram, current: Histogram) -> Estimate:
    """Share of the rows with a value below the reference's smallest or above its largest.

    Infinite values are out of range.

    Parameters
    ----------
    reference, current : Histogram
        Of one numeric column, over the same bins; only the current one is measured.

    Returns
    -------
    Estimate
        From 0 to 1, with Wilson's interval; ``n`` is the rows of the window, those without a value included. Undefined
        without rows, and when the reference had no value that could give a range.

    Raises
    ------
    LayoutError
        The two were counted over different bins.

    Notes
    -----
    Without drift it is about 2 divided by the reference's rows.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.freeze import numeric_bins
    >>> bins = numeric_bins(np.array([1.0, 3.0]))
    >>> now = Histogram(bins, np.array([1, 0, 2, 0, 1, 0]), np.zeros(6))
    >>> out_of_range_rate(now, now).value
    0.5
    """
    reference.check(current)
    if len(current.bins) <= 2:
        return undefined("the reference has no values", current.n)
    return wilson(current.out_of_range, current.n)
