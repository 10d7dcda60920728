"""Standard deviation of a column."""

from __future__ import annotations

from math import exp, sqrt

import numpy as np

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.extent import finite_counts
from monitor.metrics.intervals import clipped, normal_quantile
from monitor.metrics.registry import metric
from monitor.profile.histogram import Histogram


@metric(kind="quality", reads="column", columns="numeric", unit="column", worse="neither", limits=(0.0, None))
def standard_deviation(reference: Histogram, current: Histogram) -> Estimate:
    """Sample standard deviation of the finite values of a column.

    Parameters
    ----------
    reference, current : Histogram
        Of one numeric column, over the same bins; only the current one is measured.

    Returns
    -------
    Estimate
        In the column's unit, 0 or more; ``n`` is the finite values within 1e100 of the reference mean. Undefined
        below two. The interval is the delta method's on the logarithm, with the fourth moment taken from the bins'
        means.

    Raises
    ------
    LayoutError
        The two were counted over different bins.

    Notes
    -----
    Under heavy tails the interval is too short: it held the truth in 85 % of samples of 300 exponential values.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.freeze import numeric_bins
    >>> bins = numeric_bins(np.array([1.0, 3.0]))
    >>> now = Histogram(bins, bins.mass, np.zeros(6), finite=2, first=0.0, second=2.0, minimum=1.0, maximum=3.0)
    >>> round(standard_deviation(now, now).value, 4)
    1.4142
    """
    reference.check(current)
    variance, n = current.variance, current.finite
    if variance is None:
        return undefined("fewer than two rows with a finite value", n)
    value = sqrt(variance)
    if not value:
        return Estimate(0.0, n=n, low=0.0, high=0.0)
    factor = exp(normal_quantile() * sqrt(max(0.0, _kurtosis(current, value) - 1) / n) / 2)
    return clipped(value, n, (value / factor, value * factor))


def _kurtosis(histogram: Histogram, deviation: float) -> float:
    """Return the fourth moment about the mean in units of the fourth power of the deviation, each bin at its mean."""
    counts = finite_counts(histogram)
    means = histogram.bin_sums[:-1] / np.maximum(counts, 1)
    apart = (means - histogram.first / histogram.finite) / deviation
    return float(np.dot(counts, apart**4)) / histogram.finite
