"""Hit rate of the first k places."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate
from monitor.metrics.means import bounded_mean
from monitor.metrics.reasons import NO_REQUESTS
from monitor.metrics.registry import metric
from monitor.profile.rankings import Rankings


@metric(
    kind="ranking",
    reads="rankings",
    unit="share",
    worse="lower",
    tasks=("ranking",),
    ideal=1.0,
    limits=(0.0, 1.0),
    published="hit_rate@k",
)
def hit_rate_at_k(rankings: Rankings) -> Estimate:
    """Share of requests with something relevant among the first k places.

    Requests where any of the first k places is relevant, over all requests.

    Parameters
    ----------
    rankings : Rankings
        Sums over the requests of one group, cut at ``k``.

    Returns
    -------
    Estimate
        From 0 to 1; ``n`` counts the requests, undefined without any. The interval is Wilson's at the effective size.

    Examples
    --------
    >>> import numpy as np
    >>> e = hit_rate_at_k(Rankings(10, 100, {"hit_rate": np.array([80.0, 20.0, 12.0])}, recommended=30, items=40))
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.25, 0.191, 0.32, 80)
    """
    requests, total, squares = rankings.of("hit_rate").tolist()
    return bounded_mean(int(requests), total, squares, reason=NO_REQUESTS)
