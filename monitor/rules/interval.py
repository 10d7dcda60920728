"""Intervals at another level: from the 95 % that are published to the level that a rule judges at."""

from __future__ import annotations

from math import exp, log

from scipy.special import ndtri

from monitor.metrics.estimate import Estimate
from monitor.metrics.intervals import normal_quantile, wilson_bounds

Limits = tuple[float | None, float | None]
_Z95 = normal_quantile(0.95)


def at_level(estimate: Estimate, level: float, limits: Limits = (None, None), *, families: int = 1) -> Estimate:
    """Return an estimate with the bounds that each fail with this probability, from those that together fail in 5 %.

    A share's bounds are Wilson's again, at the rows that each published bound amounts to; those of a mean that is never
    negative move on its logarithm, others in proportion.

    Parameters
    ----------
    estimate : Estimate
        With its 95 % interval; returned as it is when it has none.
    level : float
        One-sided: with this probability the truth lies beyond the lower bound, and with this beyond the upper one.
    limits : pair of float or None
        The range of the metric.
    families : int
        How many intervals the 95 % were promised for at once, as for the pairs behind a gap between extremes.

    Examples
    --------
    >>> from monitor.metrics.intervals import wilson
    >>> wide, direct = at_level(wilson(3, 80), 0.001, (0.0, 1.0)), wilson(3, 80, level=0.998)
    >>> abs(wide.low - direct.low) < 1e-9, abs(wide.high - direct.high) < 1e-9
    (True, True)
    """
    value, low, high = estimate.value, estimate.low, estimate.high
    if value is None or low is None or high is None:
        return estimate
    known = normal_quantile(1 - 0.05 / families)
    z = -float(ndtri(level / families))
    if limits == (0.0, 1.0) and families == 1 and 0 <= value <= 1:
        bounds = _share(value, low, level), _share(value, high, level)
    elif limits[0] == 0 and limits[1] is None and min(value, low) > 0:
        bounds = value * exp(log(low / value) * z / known), _grown(value, high, z / known)
    else:
        bounds = value - (value - low) * z / known, value + (high - value) * z / known
    floor, ceiling = limits
    low = bounds[0] if floor is None else max(floor, bounds[0])
    high = bounds[1] if ceiling is None else min(ceiling, bounds[1])
    return Estimate(value, n=estimate.n, low=min(low, value), high=max(high, value))


def _share(value: float, bound: float, level: float) -> float:
    """Return Wilson's bound on the same side at another level."""
    if bound == value:
        return value
    rows = _Z95 * _Z95 * bound * (1 - bound) / (value - bound) ** 2
    if rows <= 0:  # the bound is at the end of the range
        return bound
    return wilson_bounds(value, rows, 1 - 2 * level)[0 if bound < value else 1]


def _grown(value: float, high: float, times: float) -> float:
    power = log(high / value) * times
    return value * exp(power) if power < 700 else high
