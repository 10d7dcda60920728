"""Largest error."""

from __future__ import annotations

from math import nan

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.intervals import clipped
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
def max_error(residuals: Residuals) -> Estimate:
    """Largest distance between prediction and target.

    The size of the worst error of all rows.

    Parameters
    ----------
    residuals : Residuals
        Sums over the labelled rows of one group, of the errors ``prediction - target`` and the targets.

    Returns
    -------
    Estimate
        The target's own unit, 0 or more. ``n`` counts the rows with a prediction and ground truth; undefined without
        such rows. There is no interval: how far the next worst row may go cannot be told from the rows seen.

    Notes
    -----
    It grows with the number of rows: compare windows of like size.

    Examples
    --------
    >>> import numpy as np
    >>> power, none = np.zeros((5, 5)), np.zeros(3)
    >>> power[0, 0], power[2, 0] = 100, 500.0
    >>> e = max_error(Residuals(power, 190.0, none, none, none, none, 9.0, 0.0, unlabelled=0, unusable=0))
    >>> e.value, e.low, e.high, e.n
    (9.0, None, None, 100)
    """
    if residuals.largest is None or not residuals.n:
        return undefined(without_residuals(residuals))
    return clipped(residuals.largest, residuals.n, (nan, nan))
