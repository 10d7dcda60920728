"""Mean reciprocal rank within the first k places."""

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
    published="mrr@k",
)
def mrr_at_k(rankings: Rankings) -> Estimate:
    """How early the first relevant item comes: 1 when first, 1/2 when second.

    Per request, 1 over the number of the first relevant place, 0 when it is not among the first k; then the mean over
    requests.

    Parameters
    ----------
    rankings : Rankings
        Sums over the requests of one group, cut at ``k``.

    Returns
    -------
    Estimate
        From 0 to 1; ``n`` counts the requests, undefined without any. The interval is Wilson's at the effective size.

    Notes
    -----
    Source: Voorhees, "The TREC-8 question answering track report", 1999.

    Examples
    --------
    >>> import numpy as np
    >>> e = mrr_at_k(Rankings(10, 100, {"mrr": np.array([80.0, 20.0, 12.0])}, recommended=30, items=40))
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.25, 0.191, 0.32, 80)
    """
    requests, total, squares = rankings.of("mrr").tolist()
    return bounded_mean(int(requests), total, squares, reason=NO_REQUESTS)
