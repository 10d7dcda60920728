"""Recall of the first k places."""

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
    ideal=None,
    limits=(0.0, 1.0),
    published="recall@k",
)
def recall_at_k(rankings: Rankings) -> Estimate:
    """Share of the relevant items that are among the first k places.

    Per request, the relevant items among the first k places over all relevant items of its list; then the mean over
    requests.

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
    What was relevant but never recommended is not in the list and not counted.

    Examples
    --------
    >>> import numpy as np
    >>> e = recall_at_k(Rankings(10, 100, {"recall": np.array([80.0, 20.0, 12.0])}, recommended=30, items=40))
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.25, 0.191, 0.32, 80)
    """
    requests, total, squares = rankings.of("recall").tolist()
    return bounded_mean(int(requests), total, squares, reason=NO_RELEVANT if rankings.queries else NO_REQUESTS)
