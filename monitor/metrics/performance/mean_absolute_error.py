"""Mean absolute error."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate
from monitor.metrics.means import positive_mean
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
def mean_absolute_error(residuals: Residuals) -> Estimate:
    """Mean distance between prediction and target.

    The mean of the sizes of the errors. Big errors count in proportion.

    Parameters
    ----------
    residuals : Residuals
        Sums over the labelled rows of one group, of the errors ``prediction - target`` and the targets.

    Returns
    -------
    Estimate
        The target's own unit, 0 or more. ``n`` counts the rows with a prediction and ground truth; undefined without
        such rows. The interval is Student's on the logarithm; none below two rows.

    Examples
    --------
    >>> import numpy as np
    >>> power, none = np.zeros((5, 5)), np.zeros(3)
    >>> power[0, 0], power[2, 0] = 100, 500.0
    >>> e = mean_absolute_error(Residuals(power, 190.0, none, none, none, none, 9.0, 0.0, unlabelled=0, unusable=0))
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (1.9, 1.679, 2.15, 100)
    """
    return positive_mean(
        residuals.n, residuals.absolute, float(residuals.power[2, 0]), reason=without_residuals(residuals)
    )
