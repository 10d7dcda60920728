"""Means: averages over rows with their intervals, from a number of rows, a sum and a sum of squares."""

from __future__ import annotations

from math import exp, inf, sqrt

from scipy.special import stdtrit

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.intervals import LEVEL, clipped, wilson_bounds

NAN = float("nan")


def student_quantile(freedom: int, level: float = LEVEL) -> float:
    """Return how many estimated standard errors a two-sided interval of this level reaches.

    Examples
    --------
    >>> round(student_quantile(9), 3)
    2.262
    """
    return float(stdtrit(freedom, 0.5 + level / 2))


def mean(n: int, total: float, squares: float, *, reason: str = "no rows") -> Estimate:
    """Return a mean with Student's interval; below two rows it has none.

    Parameters
    ----------
    n : int
        Rows.
    total, squares : float
        Sum of the values and of their squares.
    reason : str
        Why there is no value when ``n`` is 0.

    Examples
    --------
    >>> e = mean(4, 10.0, 30.0)
    >>> e.value, round(e.low, 3), round(e.high, 3)
    (2.5, 0.446, 4.554)
    """
    if n == 0:
        return undefined(reason)
    value = total / n
    half = _half(n, value, squares)
    return clipped(value, n, (value - half, value + half))


def positive_mean(n: int, total: float, squares: float, *, reason: str = "no rows") -> Estimate:
    """Return the mean of values that are never negative, such as sizes of errors.

    The interval is Student's on the logarithm of the mean: such values are skewed to the right, and the plain interval
    then misses high means too often.

    Examples
    --------
    >>> e = positive_mean(4, 10.0, 30.0)
    >>> e.value, round(e.low, 3), round(e.high, 3)
    (2.5, 1.099, 5.686)
    """
    if n == 0:
        return undefined(reason)
    value = total / n
    if not value > 0:
        return mean(n, total, squares)
    relative = _half(n, value, squares) / value
    high = value * exp(relative) if relative < 700 else NAN
    return clipped(value, n, (value * exp(-relative), high))


def effective(
    value: float, variance: float, sizes: tuple[float, float], *, n: int, limits: tuple[float, float] = (0.0, 1.0)
) -> Estimate:
    """Return a bounded statistic with the Wilson interval of the share that would be as uncertain.

    A share of ``m`` rows has variance ``p (1 - p) / m``; the ``m`` at which that equals the statistic's variance is its
    effective size. At the ends of the range, where a variance from counts is 0 and a plain interval would claim
    certainty, this one does not.

    Parameters
    ----------
    value, variance : float
        The statistic, and the variance that the delta method gives it.
    sizes : pair of float
        The effective size where the variance is 0, and the largest that is believed.
    n : int
        Rows that entered.
    limits : pair of float
        The range of the statistic.

    Notes
    -----
    Source: Korn and Graubard, "Confidence intervals for proportions with small expected number of positive counts",
    1998, for the effective size.

    Examples
    --------
    >>> e = effective(0.8, 0.8 * 0.2 / 10, (10, 10), n=10)
    >>> e.value, round(e.low, 3), round(e.high, 3)
    (0.8, 0.49, 0.943)
    """
    low, width = limits[0], limits[1] - limits[0]
    share = min(1.0, max(0.0, (value - low) / width))
    spread = variance / width**2
    room = share * (1 - share)
    size = room / spread if spread > room * 1e-12 else sizes[0]
    below, above = wilson_bounds(share, min(size, sizes[1]))
    return clipped(value, n, (low + below * width, low + above * width), limits)


def bounded_mean(n: int, total: float, squares: float, *, ceiling: float = 1.0, reason: str = "no rows") -> Estimate:
    """Return the mean of values between 0 and a ceiling, with a Wilson interval of the effective size.

    For values that are only 0 or the ceiling this is Wilson's own interval. Where all rows agree the widest
    possible spread is assumed.

    Examples
    --------
    >>> e = bounded_mean(10, 8.0, 8.0)
    >>> e.value, round(e.low, 3), round(e.high, 3)
    (0.8, 0.49, 0.943)
    """
    if n == 0:
        return undefined(reason)
    value = total / n
    if not 0 <= value <= ceiling:  # a score outside the reference's range
        return positive_mean(n, total, squares)
    variance = max(0.0, squares / n - value * value) / n
    return effective(value, variance, (n, inf), n=n, limits=(0.0, ceiling))


def _half(n: int, value: float, squares: float) -> float:
    """Return half the width of Student's interval; NaN below two rows."""
    if n < 2:
        return NAN
    return student_quantile(n - 1) * sqrt(max(0.0, (squares - n * value * value) / (n - 1) / n))
