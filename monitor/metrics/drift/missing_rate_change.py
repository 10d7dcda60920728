"""Change of the missing rate."""

from __future__ import annotations

from monitor.metrics.absence import absent
from monitor.metrics.estimate import Estimate
from monitor.metrics.intervals import newcombe, wilson
from monitor.metrics.registry import metric
from monitor.profile.histogram import Histogram


@metric(kind="drift", reads="column", unit="share", worse="higher", ideal=0.0, limits=(-1.0, 1.0))
def missing_rate_change(reference: Histogram, current: Histogram) -> Estimate:
    """How much greater the share of rows without a value is than in the reference.

    Missing is what is null, NaN or cannot be read as a number. It stands beside the drift of the values, which looks
    away from missing rows: a column that has all but vanished must not read as stable.

    Parameters
    ----------
    reference, current : Histogram
        Of one column, over the same bins.

    Returns
    -------
    Estimate
        From -1 to 1, with Newcombe's interval; ``n`` is the current rows. Undefined when either side has no rows.

    Raises
    ------
    LayoutError
        The two were counted over different bins.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.freeze import numeric_bins
    >>> bins = numeric_bins(np.array([1.0]))
    >>> before = Histogram(bins, np.array([0, 100, 0, 0]), np.zeros(4))
    >>> change = missing_rate_change(before, Histogram(bins, np.array([0, 10, 0, 90]), np.zeros(4)))
    >>> change.value, round(change.low, 3), round(change.high, 3)
    (0.9, 0.817, 0.945)
    """
    reference.check(current)
    nothing = absent(reference.n, current.n)
    return nothing or newcombe(wilson(current.missing, current.n), wilson(reference.missing, reference.n))
