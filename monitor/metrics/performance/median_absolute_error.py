"""Median absolute error."""

from __future__ import annotations

from math import ceil, floor, nan, sqrt

import numpy as np

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.intervals import clipped, normal_quantile
from monitor.metrics.reasons import without_residuals
from monitor.metrics.registry import metric
from monitor.profile.residuals import Residuals


@metric(
    kind="performance",
    reads="residuals",
    unit="target unit",
    worse="higher",
    tasks=("regression",),
    ideal=0.0,
    limits=(0.0, None),
)
def median_absolute_error(residuals: Residuals) -> Estimate:
    """Distance between prediction and target that half of the rows stay within.

    The median of the sizes of the errors; a few huge ones do not move it.

    Parameters
    ----------
    residuals : Residuals
        Sums over the labelled rows of one group, of the errors ``prediction - target`` and the targets.

    Returns
    -------
    Estimate
        The target's own unit, 0 or more. Right within 0.1 %, as sizes are counted in bins that narrow. ``n`` counts
        the rows with a prediction and ground truth; undefined without such rows. The bounds are those sizes between
        whose ranks the median lies in 95 of 100 samples; none below six rows.

    Notes
    -----
    Source: David and Nagaraja, "Order Statistics", 2003, for the bounds.

    Examples
    --------
    >>> power, none = np.zeros((5, 5)), np.zeros(3)
    >>> power[0, 0] = 100
    >>> sizes, counts = np.array([0.5, 1.0, 2.0, 9.0]), np.array([48, 10, 41, 1])
    >>> sums = Residuals(power, 190.0, none, none, sizes, counts, 9.0, 0.0, unlabelled=0, unusable=0)
    >>> e = median_absolute_error(sums)
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (1.0, 0.5, 2.0, 100)
    """
    n = residuals.n
    if not n:
        return undefined(without_residuals(residuals))
    reach = normal_quantile() * sqrt(n) / 2
    ranks = [(n - 1) // 2, n // 2, max(0, ceil(n / 2 - reach) - 1), min(n - 1, floor(n / 2 + reach))]
    first, second, low, high = residuals.sizes[np.searchsorted(residuals.size_counts.cumsum(), ranks, side="right")]
    bounds = (float(low), float(high)) if n > 5 else (nan, nan)
    return clipped(float(first + second) / 2, n, bounds, (0.0, None))
