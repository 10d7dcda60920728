"""Error rate."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate
from monitor.metrics.intervals import wilson
from monitor.metrics.registry import metric
from monitor.profile.operations import Operations


@metric(kind="operations", reads="operations", unit="share", worse="higher", ideal=0.0, limits=(0.0, 1.0))
def error_rate(operations: Operations, seconds: float) -> Estimate:  # noqa: ARG001
    """Share of the answers that failed.

    A status of 500 or more failed, and a text other than ok, success, true or 2xx.

    Parameters
    ----------
    operations : Operations
        Served requests of the window.
    seconds : float
        Length of the window; not looked at.

    Returns
    -------
    Estimate
        From 0 to 1, with Wilson's interval; ``n`` is the rows with a status. Undefined without such rows.

    Examples
    --------
    >>> import numpy as np
    >>> none = np.zeros(0)
    >>> error_rate(Operations(120, 100, 5, none, none.astype(np.int64)), 3600.0).value
    0.05
    """
    return wilson(operations.errors, operations.with_status, reason="no rows with a status")
