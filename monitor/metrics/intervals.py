"""Intervals: how far off a number may be, given the rows behind it."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

from monitor.metrics.estimate import Estimate, undefined

LEVEL = 0.95


def normal_quantile(level: float = LEVEL) -> float:
    """Return how many standard errors a two-sided interval of this level reaches.

    Examples
    --------
    >>> round(normal_quantile(0.95), 3)
    1.96
    """
    return NormalDist().inv_cdf(0.5 + level / 2)


def wilson(successes: int, n: int, *, reason: str = "no rows", level: float = LEVEL) -> Estimate:
    """Return a share with its Wilson score interval.

    Parameters
    ----------
    successes, n : int
        Rows that count, and rows in all.
    reason : str
        Why there is no value when ``n`` is 0.

    Returns
    -------
    Estimate
        Value ``successes / n`` with bounds in [0, 1]. Source: Wilson, 1927.

    Examples
    --------
    >>> e = wilson(8, 10)
    >>> e.value, round(e.low, 3), round(e.high, 3)
    (0.8, 0.49, 0.943)
    """
    if n == 0:
        return undefined(reason)
    z = normal_quantile(level)
    p = successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return Estimate(p, n=n, low=max(0.0, min(p, centre - half)), high=min(1.0, max(p, centre + half)))
