"""Kolmogorov-Smirnov statistic."""

from __future__ import annotations

from monitor.metrics.absence import absent
from monitor.metrics.cumulative import largest_gap
from monitor.metrics.estimate import Estimate
from monitor.metrics.registry import metric
from monitor.profile.histogram import Histogram


@metric(kind="drift", reads="column", columns="numeric", unit="share", worse="higher", ideal=0.0, limits=(0.0, 1.0))
def kolmogorov_smirnov_statistic(reference: Histogram, current: Histogram) -> Estimate:
    """Largest gap between the distribution functions of the reference and the current rows.

    Over rows with a value, infinite ones included. It is symmetric and does not depend on the column's unit.

    Parameters
    ----------
    reference, current : Histogram
        Of one numeric column, over the same bins.

    Returns
    -------
    Estimate
        From 0, equal shares, to 1, nothing in common; ``n`` is the current rows with a value. Undefined when either
        side has none.

    Raises
    ------
    LayoutError
        The two were counted over different bins.

    Notes
    -----
    As ``scipy.stats.ks_2samp`` for columns of up to 512 reference values; else it is less by at most the greatest
    mass of a bin that holds more than one value, about 0.001. Source: Smirnov, "Estimate of deviation between
    empirical distribution functions in two independent samples", 1939.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.freeze import numeric_bins
    >>> bins = numeric_bins(np.array([1.0, 2.0, 3.0]))
    >>> now = Histogram(bins, np.array([0, 0, 0, 1, 0, 2, 1, 0]), np.zeros(8))
    >>> round(kolmogorov_smirnov_statistic(Histogram(bins, bins.mass, np.zeros(8)), now).value, 4)
    0.4167
    """
    reference.check(current)
    nothing = absent(reference.present, current.present, "value")
    return nothing or Estimate(largest_gap(reference, current), n=current.present)
