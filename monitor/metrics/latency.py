"""Latency: quantiles of how long answers took."""

from __future__ import annotations

from math import ceil

import numpy as np

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.intervals import clipped
from monitor.metrics.ranks import quantile_ranks
from monitor.profile.operations import Operations


def latency(operations: Operations, share: float) -> Estimate:
    """Return the least latency in milliseconds that at least this share of the answers do not exceed.

    Examples
    --------
    >>> ops = Operations(100, 0, 0, np.array([10.0, 20.0, 80.0]), np.array([60, 37, 3]))
    >>> latency(ops, 0.95)
    Estimate(value=20.0, n=100, low=20.0, high=80.0, reason=None)
    """
    n = int(operations.size_counts.sum())
    if not n:
        return undefined("no rows with a latency")
    low, high = quantile_ranks(share, n)
    ranks = np.array([low, min(n, max(1, ceil(share * n - 1e-9))), high])
    bounds = operations.sizes[np.searchsorted(np.cumsum(operations.size_counts), ranks)].tolist()
    return clipped(bounds[1], n, (bounds[0], bounds[2]))
