"""Mean average precision of the first k places."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate
from monitor.metrics.means import bounded_mean
from monitor.metrics.reasons import NO_RELEVANT, NO_REQUESTS
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
    published="map@k",
)
def map_at_k(rankings: Rankings) -> Estimate:
    """Precision at each relevant place among the first k, averaged.

    Per request, the precision at every relevant place among the first k, added up, over the hits that were possible,
    ``min(k, relevant)``; then the mean over requests.

    Parameters
    ----------
    rankings : Rankings
        Sums over the requests of one group, cut at ``k``.

    Returns
    -------
    Estimate
        From 0 to 1; ``n`` counts the requests with a relevant item, undefined without any. The interval is Wilson's at
        the effective size.

    Notes
    -----
    Source: Manning, Raghavan and Schütze, "Introduction to Information Retrieval", 2008, chapter 8.

    Examples
    --------
    >>> import numpy as np
    >>> e = map_at_k(Rankings(10, 100, {"map": np.array([80.0, 20.0, 12.0])}, recommended=30, items=40))
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.25, 0.191, 0.32, 80)
    """
    requests, total, squares = rankings.of("map").tolist()
    return bounded_mean(int(requests), total, squares, reason=NO_RELEVANT if rankings.queries else NO_REQUESTS)
