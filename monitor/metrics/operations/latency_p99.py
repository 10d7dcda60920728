"""Latency, the 99 % quantile."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate
from monitor.metrics.latency import latency
from monitor.metrics.registry import metric
from monitor.profile.operations import Operations


@metric(kind="operations", reads="operations", unit="ms", worse="higher", limits=(0.0, None))
def latency_p99(operations: Operations, seconds: float) -> Estimate:  # noqa: ARG001
    """Latency that 99 % of the answers stay within.

    The least latency that at least 99 % of the answers do not exceed.

    Parameters
    ----------
    operations : Operations
        Served requests of the window.
    seconds : float
        Length of the window; not looked at.

    Returns
    -------
    Estimate
        Milliseconds, right within 0.1 %; ``n`` is the rows with a latency. Undefined without such rows. The interval
        goes between the latencies whose ranks enclose the quantile in 95 % of samples.

    Examples
    --------
    >>> import numpy as np
    >>> ops = Operations(100, 0, 0, np.array([10.0, 20.0, 80.0]), np.array([60, 37, 3]))
    >>> latency_p99(ops, 3600.0).value
    80.0
    """
    return latency(operations, 0.99)
