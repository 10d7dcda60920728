"""Mean error."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate
from monitor.metrics.means import mean
from monitor.metrics.reasons import without_residuals
from monitor.metrics.registry import metric
from monitor.profile.residuals import Residuals


@metric(
    kind="performance",
    reads="residuals",
    unit="target unit",
    worse="farther",
    tasks=("regression",),
    ideal=0.0,
    limits=(None, None),
)
def mean_error(residuals: Residuals) -> Estimate:
    """Mean of prediction less target.

    Above 0 the model predicts too much, below 0 too little; errors of both signs cancel.

    Parameters
    ----------
    residuals : Residuals
        Sums over the labelled rows of one group, of the errors ``prediction - target`` and the targets.

    Returns
    -------
    Estimate
        The target's own unit. ``n`` counts the rows with a prediction and ground truth; undefined without such rows.
        The interval is Student's; none below two rows.

    Examples
    --------
    >>> import numpy as np
    >>> power, none = np.zeros((5, 5)), np.zeros(3)
    >>> power[0, 0], power[1, 0], power[2, 0] = 100, 50.0, 500.0
    >>> e = mean_error(Residuals(power, 190.0, none, none, none, none, 9.0, 0.0, unlabelled=0, unusable=0))
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.5, 0.065, 0.935, 100)
    """
    total, squares = residuals.power[1:3, 0].tolist()
    return mean(residuals.n, total, squares, reason=without_residuals(residuals))
