"""Coefficient of determination."""

from __future__ import annotations

from math import exp, inf, sqrt

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.intervals import clipped
from monitor.metrics.means import student_quantile
from monitor.metrics.reasons import EQUAL_TARGETS, without_residuals
from monitor.metrics.registry import metric
from monitor.profile.residuals import Residuals

_NOISE = 1e-12  # spread that rounding alone may show, as a share of the squares about the centre


@metric(
    kind="performance",
    reads="residuals",
    unit="share",
    worse="lower",
    tasks=("regression",),
    ideal=1.0,
    limits=(None, 1.0),
)
def r2(residuals: Residuals) -> Estimate:
    """Share of the spread of the targets that the predictions explain.

    1 less the mean squared error over the variance of the targets in these rows: 1 is perfect, 0 no better than their
    mean, below 0 worse.

    Parameters
    ----------
    residuals : Residuals
        Sums over the labelled rows of one group, of the errors ``prediction - target`` and the targets.

    Returns
    -------
    Estimate
        At most 1. ``n`` counts the rows with a prediction and ground truth; undefined without such rows or below two
        of them, and where the targets are all equal. The interval is the delta method's on the logarithm of ``1 -
        r2``.

    Notes
    -----
    Groups whose targets vary less have a lower value at equal errors. Source: Wright, "Correlation and causation",
    1921.

    Examples
    --------
    >>> import numpy as np
    >>> power, none = np.zeros((5, 5)), np.zeros(3)
    >>> power[0, 0], power[2, 0], power[0, 2] = 100, 20.0, 100.0
    >>> power[4, 0], power[2, 2], power[0, 4] = 12.0, 20.0, 300.0
    >>> e = r2(Residuals(power, 190.0, none, none, none, none, 9.0, 0.0, unlabelled=0, unusable=0))
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.8, 0.703, 0.866, 100)
    """
    n, power = residuals.n, residuals.power.tolist()
    if n < 2:
        return undefined("fewer than two rows with ground truth" if n else without_residuals(residuals), n)
    mean = power[0][1] / n
    error, spread = power[2][0], power[0][2] - n * mean * mean
    if not spread > _NOISE * power[0][2]:
        return undefined(EQUAL_TARGETS, n)
    ratio = error / spread
    if not 0 < ratio < inf:
        return clipped(1 - ratio, n, (1 - ratio, 1 - ratio))
    reach = student_quantile(n - 1) * sqrt(max(0.0, _relative_variance(power, mean, spread, n)))
    high = ratio * exp(reach) if reach < 700 else inf
    return clipped(1 - ratio, n, (1 - high, 1 - ratio * exp(-reach)), (None, 1.0))


def _relative_variance(power: list[list[float]], mean: float, spread: float, n: int) -> float:
    """Return the variance of the logarithm of error over spread, from the moments up to the fourth."""
    both = power[2][2] - 2 * mean * power[2][1] + mean**2 * power[2][0]
    fourth = power[0][4] - 4 * mean * power[0][3] + 6 * mean**2 * power[0][2] - 4 * mean**3 * power[0][1] + n * mean**4
    return power[4][0] / power[2][0] ** 2 - 2 * both / (power[2][0] * spread) + fourth / spread**2
