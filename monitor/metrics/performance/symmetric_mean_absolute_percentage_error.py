"""Symmetric mean absolute percentage error."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate
from monitor.metrics.means import bounded_mean
from monitor.metrics.reasons import without_residuals
from monitor.metrics.registry import metric
from monitor.profile.residuals import Residuals


@metric(
    kind="performance",
    reads="residuals",
    unit="share",
    worse="higher",
    tasks=("regression",),
    ideal=0.0,
    limits=(0.0, 2.0),
)
def symmetric_mean_absolute_percentage_error(residuals: Residuals) -> Estimate:
    """Mean distance between prediction and target as a share of their average size.

    The mean of ``2 |error| / (|target| + |prediction|)``, 0 where both are 0.

    Parameters
    ----------
    residuals : Residuals
        Sums over the labelled rows of one group, of the errors ``prediction - target`` and the targets.

    Returns
    -------
    Estimate
        From 0 to 2, not a percentage. ``n`` counts the rows with a prediction and ground truth; undefined without such
        rows. The interval is Wilson's at the effective size.

    Notes
    -----
    Source: Makridakis, "Accuracy measures: theoretical and practical concerns", 1993.

    Examples
    --------
    >>> import numpy as np
    >>> power, none = np.zeros((5, 5)), np.zeros(3)
    >>> power[0, 0] = 100
    >>> e = symmetric_mean_absolute_percentage_error(
    ...     Residuals(power, 190.0, none, np.array([100, 12.0, 4.0]), none, none, 9.0, 0.0, unlabelled=0, unusable=0)
    ... )
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.12, 0.092, 0.155, 100)
    """
    _, total, squares = residuals.symmetric.tolist()
    return bounded_mean(residuals.n, total, squares, ceiling=2.0, reason=without_residuals(residuals))
