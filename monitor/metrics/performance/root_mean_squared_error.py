"""Root mean squared error."""

from __future__ import annotations

from math import sqrt

from monitor.metrics.estimate import Estimate
from monitor.metrics.performance.mean_squared_error import mean_squared_error
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
def root_mean_squared_error(residuals: Residuals) -> Estimate:
    """Typical distance between prediction and target, where big errors count more.

    The square root of the mean squared error.

    Parameters
    ----------
    residuals : Residuals
        Sums over the labelled rows of one group, of the errors ``prediction - target`` and the targets.

    Returns
    -------
    Estimate
        The target's own unit, 0 or more. ``n`` counts the rows with a prediction and ground truth; undefined without
        such rows. The bounds are the roots of the mean squared error's.

    Examples
    --------
    >>> import numpy as np
    >>> power, none = np.zeros((5, 5)), np.zeros(3)
    >>> power[0, 0], power[2, 0], power[4, 0] = 100, 500.0, 7500.0
    >>> e = root_mean_squared_error(Residuals(power, 190.0, none, none, none, none, 9.0, 0.0, unlabelled=0, unusable=0))
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (2.236, 1.942, 2.575, 100)
    """
    squared = mean_squared_error(residuals)
    if squared.value is None:
        return squared
    low, high = (None if bound is None else sqrt(bound) for bound in (squared.low, squared.high))
    return Estimate(sqrt(squared.value), squared.n, low, high)
