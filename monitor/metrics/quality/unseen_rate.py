"""Rate of unseen categories."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate
from monitor.metrics.intervals import wilson
from monitor.metrics.registry import metric
from monitor.profile.histogram import Histogram


@metric(
    kind="quality", reads="column", columns="categorical", unit="share", worse="higher", ideal=0.0, limits=(0.0, 1.0)
)
def unseen_rate(reference: Histogram, current: Histogram) -> Estimate:
    """Share of the rows with a category that the reference never had.

    Parameters
    ----------
    reference, current : Histogram
        Of one categorical column, over the same bins; only the current one is measured.

    Returns
    -------
    Estimate
        From 0 to 1, with Wilson's interval; ``n`` is the rows of the window, those without a value included. Undefined
        without rows.

    Raises
    ------
    LayoutError
        The two were counted over different bins.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.freeze import categorical_bins
    >>> bins = categorical_bins({"JFK": 7, "LGA": 3})
    >>> now = Histogram(bins, np.array([5, 3, 0, 2, 0]), np.zeros(5))
    >>> unseen_rate(now, now).value
    0.2
    """
    reference.check(current)
    return wilson(current.unseen, current.n)
