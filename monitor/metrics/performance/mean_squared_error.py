"""Mean squared error."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate
from monitor.metrics.means import positive_mean
from monitor.metrics.reasons import without_residuals
from monitor.metrics.registry import metric
from monitor.profile.residuals import Residuals


@metric(
    kind="performance",
    reads="residuals",
    unit="target unit squared",
    worse="higher",
    tasks=("regression",),
    ideal=0.0,
    limits=(0.0, None),
)
def mean_squared_error(residuals: Residuals) -> Estimate:
    """Mean squared distance between prediction and target.

    The mean of the squares of the errors. Big errors count more than in proportion: one of 10 as much as a hundred of
    1.

    Parameters
    ----------
    residuals : Residuals
        Sums over the labelled rows of one group, of the errors ``prediction - target`` and the targets.

    Returns
    -------
    Estimate
        The target's unit squared, 0 or more. ``n`` counts the rows with a prediction and ground truth; undefined
        without such rows. The interval is Student's on the logarithm; none below two rows.

    Notes
    -----
    Where a few rows carry most of the sum, as with errors in proportion to a price, even the interval does not know of
    the worst rows to come: at 100 rows it held the truth in 87 of 100 such samples.

    Examples
    --------
    >>> import numpy as np
    >>> power, none = np.zeros((5, 5)), np.zeros(3)
    >>> power[0, 0], power[2, 0], power[4, 0] = 100, 500.0, 7500.0
    >>> e = mean_squared_error(Residuals(power, 190.0, none, none, none, none, 9.0, 0.0, unlabelled=0, unusable=0))
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (5.0, 3.771, 6.629, 100)
    """
    total, squares = residuals.power[2::2, 0].tolist()
    return positive_mean(residuals.n, total, squares, reason=without_residuals(residuals))
