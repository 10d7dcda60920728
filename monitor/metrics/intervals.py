"""Intervals: how far off a number may be, given the rows behind it."""

from __future__ import annotations

from functools import cache
from math import isfinite, sqrt
from statistics import NormalDist

from monitor.metrics.estimate import Estimate, undefined

LEVEL = 0.95
TOO_LARGE = "the values are too large to add up"


@cache
def normal_quantile(level: float = LEVEL) -> float:
    """Return how many standard errors a two-sided interval of this level reaches.

    Examples
    --------
    >>> round(normal_quantile(0.95), 3)
    1.96
    """
    return NormalDist().inv_cdf(0.5 + level / 2)


def wilson_bounds(share: float, n: float, level: float = LEVEL) -> tuple[float, float]:
    """Return the Wilson score bounds of a share seen on ``n`` rows; ``n`` may be an effective, broken number.

    Without rows everything is possible: 0 and 1. Source: Wilson, 1927.

    Examples
    --------
    >>> wilson_bounds(0.5, 0)
    (0.0, 1.0)
    """
    if n == 0:
        return 0.0, 1.0
    z = normal_quantile(level)
    centre = (share * n + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * sqrt(max(0.0, share * (1 - share) * n) + z * z / 4)
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))


def wilson(
    successes: int, n: int, *, reason: str = "no rows", level: float = LEVEL, rows: int | None = None
) -> Estimate:
    """Return a share with its Wilson score interval.

    Parameters
    ----------
    successes, n : int
        Rows that count, and rows in all.
    reason : str
        Why there is no value when ``n`` is 0.
    rows : int, optional
        Rows that entered, where these are more than ``n``: a recall rests on positive rows, but all labelled ones
        entered it.

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
    entered = n if rows is None else rows
    if n == 0:
        return undefined(reason, entered)
    low, high = wilson_bounds(successes / n, n, level)
    return Estimate(successes / n, n=entered, low=low, high=high)


def clipped(
    value: float, n: int, bounds: tuple[float, float], limits: tuple[float | None, float | None] = (None, None)
) -> Estimate:
    """Return an estimate whose bounds stay in the metric's limits and around the value.

    Bounds without a number become None; a value without one becomes undefined.

    Examples
    --------
    >>> clipped(0.9, 5, (0.7, 1.1), (0.0, 1.0)).high
    1.0
    >>> clipped(0.9, 5, (0.7, float("inf"))).high is None
    True
    >>> clipped(float("inf"), 5, (0.0, 1.0)).reason
    'the values are too large to add up'
    """
    if not isfinite(value):
        return undefined(TOO_LARGE, n)
    low, high = bounds
    if not (isfinite(low) and isfinite(high)):
        return Estimate(value, n=n)
    floor, ceiling = limits
    low = low if floor is None else max(floor, low)
    high = high if ceiling is None else min(ceiling, high)
    return Estimate(value, n=n, low=min(low, value), high=max(high, value))


def newcombe(current: Estimate, reference: Estimate) -> Estimate:
    """Return the difference of two independent estimates with the interval that follows from theirs.

    For two shares with Wilson intervals this is Newcombe's hybrid score interval; for any two estimates the method of
    variance estimates recovery. ``n`` is the current estimate's.

    Notes
    -----
    Source: Newcombe, "Interval estimation for the difference between independent proportions", method 10, 1998.

    Examples
    --------
    >>> e = newcombe(wilson(56, 70), wilson(48, 80))
    >>> round(e.value, 4), round(e.low, 4), round(e.high, 4)
    (0.2, 0.0524, 0.3339)
    """
    if current.value is None or reference.value is None:
        return undefined(current.reason or reference.reason or "", current.n)
    difference = current.value - reference.value
    if current.low is None or current.high is None or reference.low is None or reference.high is None:
        return Estimate(difference, n=current.n)
    below = sqrt((current.value - current.low) ** 2 + (reference.high - reference.value) ** 2)
    above = sqrt((current.high - current.value) ** 2 + (reference.value - reference.low) ** 2)
    return clipped(difference, current.n, (difference - below, difference + above))
