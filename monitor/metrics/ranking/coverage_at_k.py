"""Catalogue coverage of the first k places."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.reasons import NO_REQUESTS
from monitor.metrics.registry import metric
from monitor.profile.rankings import Rankings


@metric(
    kind="ranking",
    reads="rankings",
    unit="share",
    worse="lower",
    tasks=("ranking",),
    limits=(0.0, 1.0),
    published="coverage@k",
)
def coverage_at_k(rankings: Rankings) -> Estimate:
    """Share of the reference's items that anybody was recommended in the first k places.

    Distinct items of the reference that stood among the first k places of any request, over all items of the
    reference. It needs no ground truth.

    Parameters
    ----------
    rankings : Rankings
        Sums over the requests of one group, cut at ``k``.

    Returns
    -------
    Estimate
        From 0 to 1; ``n`` counts the requests. Undefined without requests, and where the reference's items are not
        known. There is no interval: it is a count of all requests, not a sample of items.

    Notes
    -----
    It grows with the number of requests: compare windows of like size.

    Examples
    --------
    >>> coverage_at_k(Rankings(10, 100, {}, recommended=30, items=40)).value
    0.75
    """
    if not rankings.queries:
        return undefined(NO_REQUESTS)
    if not rankings.items:
        return undefined("the reference's items are not known", rankings.queries)
    return Estimate(rankings.recommended / rankings.items, rankings.queries)
