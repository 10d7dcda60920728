"""Throughput."""

from __future__ import annotations

from math import sqrt

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.intervals import normal_quantile
from monitor.metrics.registry import metric
from monitor.profile.operations import Operations


@metric(kind="operations", reads="operations", unit="1/s", worse="neither", limits=(0.0, None))
def throughput(operations: Operations, seconds: float) -> Estimate:
    """Rows per second of the window.

    Parameters
    ----------
    operations : Operations
        Served requests of the window.
    seconds : float
        Length of the window.

    Returns
    -------
    Estimate
        Per second; ``n`` is the rows. Undefined without rows or length. The interval is the score interval of a Poisson
        count, for requests that come independently of each other.

    Examples
    --------
    >>> import numpy as np
    >>> none = np.zeros(0)
    >>> throughput(Operations(7200, 0, 0, none, none.astype(np.int64)), 3600.0).value
    2.0
    """
    n = operations.rows
    if not n or not seconds > 0:
        return undefined("no rows" if not n else "the window has no length", n)
    half_square = normal_quantile() ** 2 / 2
    half = sqrt(2 * half_square * (n + half_square / 2))
    return Estimate(n / seconds, n=n, low=(n + half_square - half) / seconds, high=(n + half_square + half) / seconds)
