"""Normalised discounted cumulative gain of the first k places."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate
from monitor.metrics.means import bounded_mean
from monitor.metrics.reasons import NO_GAIN, NO_REQUESTS
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
    published="ndcg@k",
)
def ndcg_at_k(rankings: Rankings) -> Estimate:
    """Gain of the first k places as a share of the best order of the same list.

    Per request, the relevance of each of the first k places over ``log2(place + 1)``, added up, over the same sum for
    the best order of its rows; then the mean over requests. A request where nothing is relevant has 0, as in
    scikit-learn.

    Parameters
    ----------
    rankings : Rankings
        Sums over the requests of one group, cut at ``k``.

    Returns
    -------
    Estimate
        From 0 to 1; ``n`` counts the requests whose relevances are 0 or more, undefined without any. The interval is
        Wilson's at the effective size.

    Notes
    -----
    Source: Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002.

    Examples
    --------
    >>> import numpy as np
    >>> e = ndcg_at_k(Rankings(10, 100, {"ndcg": np.array([80.0, 20.0, 12.0])}, recommended=30, items=40))
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.25, 0.191, 0.32, 80)
    """
    requests, total, squares = rankings.of("ndcg").tolist()
    return bounded_mean(int(requests), total, squares, reason=NO_GAIN if rankings.queries else NO_REQUESTS)
