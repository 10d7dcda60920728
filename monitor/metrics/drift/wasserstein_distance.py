"""Wasserstein distance."""

from __future__ import annotations

from monitor.metrics.absence import absent
from monitor.metrics.estimate import Estimate
from monitor.metrics.registry import metric
from monitor.metrics.transport import transport
from monitor.profile.histogram import Histogram


@metric(kind="drift", reads="column", columns="numeric", unit="column", worse="higher", ideal=0.0, limits=(0.0, None))
def wasserstein_distance(reference: Histogram, current: Histogram) -> Estimate:
    """How far the values have moved on average, in the column's own unit.

    The area between the two distribution functions: the least mean distance that turns the reference's values into
    the current ones. Over finite values within 1e100 of the reference mean. It is symmetric.

    Parameters
    ----------
    reference, current : Histogram
        Of one numeric column, over the same bins.

    Returns
    -------
    Estimate
        0 or more, in the column's unit; ``n`` is the current rows with a finite value. Undefined when either side has
        none.

    Raises
    ------
    LayoutError
        The two were counted over different bins.

    Notes
    -----
    As ``scipy.stats.wasserstein_distance`` for columns of up to 512 reference values while no current value lies
    between them; else never more, and less by at most half the width times the mass of the bins in which the
    functions cross (1 % of the distance is typical without drift, nothing with). A single far value can dominate it.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.freeze import numeric_bins
    >>> bins = numeric_bins(np.array([1.0, 3.0]))
    >>> before = Histogram(bins, bins.mass, np.zeros(6), 2, 0.0, 2.0, 1.0, 3.0)
    >>> after = Histogram(bins, np.array([0, 0, 0, 4, 0, 1]), np.zeros(6), 4, 4.0, 4.0, 3.0, 3.0)
    >>> wasserstein_distance(before, after).value
    1.0
    """
    reference.check(current)
    nothing = absent(reference.finite, current.finite, "finite value")
    return nothing or Estimate(float(transport(reference, current).sum()), n=current.finite)
