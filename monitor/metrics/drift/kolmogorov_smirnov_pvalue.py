"""P-value of the two-sample Kolmogorov-Smirnov test."""

from __future__ import annotations

from monitor.metrics.absence import absent
from monitor.metrics.cumulative import largest_gap
from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.kolmogorov import survival
from monitor.metrics.registry import metric
from monitor.profile.histogram import Histogram


@metric(
    kind="drift", reads="column", columns="numeric", unit="probability", worse="lower", ideal=1.0, limits=(0.0, 1.0)
)
def kolmogorov_smirnov_pvalue(reference: Histogram, current: Histogram) -> Estimate:
    """Probability of so large a Kolmogorov-Smirnov statistic if nothing has changed.

    Two-sided, both sides random, by the Kolmogorov distribution for ``m n / (m + n)`` rows, rounded. Over rows with a
    value.

    Parameters
    ----------
    reference, current : Histogram
        Of one numeric column, over the same bins.

    Returns
    -------
    Estimate
        From 0 to 1; ``n`` is the current rows with a value. Undefined when either side has none, or both only one.

    Raises
    ------
    LayoutError
        The two were counted over different bins.

    Notes
    -----
    As ``scipy.stats.ks_2samp(method="asymp")`` for columns of up to 512 reference values, else a little larger. With
    many equal values it is too large: safe, but less powerful. Below about 10 rows on both sides it is too small.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.freeze import numeric_bins
    >>> bins = numeric_bins(np.arange(100.0))
    >>> first = Histogram(bins, bins.mass, np.zeros(len(bins)))
    >>> kolmogorov_smirnov_pvalue(first, first).value
    1.0
    """
    reference.check(current)
    m, n = reference.present, current.present
    nothing = absent(m, n, "value")
    if nothing:
        return nothing
    effective = round(m * n / (m + n))
    if not effective:
        return undefined("one row on either side", n)
    return Estimate(survival(largest_gap(reference, current), effective), n=n)
