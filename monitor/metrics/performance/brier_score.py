"""Brier score."""

from __future__ import annotations

from math import inf

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.means import bounded_mean, effective
from monitor.metrics.reasons import NO_PROBABILITIES, NO_SCORED_TARGET
from monitor.metrics.registry import metric
from monitor.profile.scores import Scores

_FEW = 5  # rows of a class below which their spread is not to be trusted


@metric(
    kind="performance",
    reads="scores",
    unit="squared probability",
    worse="higher",
    tasks=("binary",),
    ideal=0.0,
    limits=(0.0, None),
)
def brier_score(scores: Scores) -> Estimate:
    """Mean squared distance between the score and what came true.

    The mean of ``(score - 1)**2`` over positive rows and ``score**2`` over the others: low when scores are both sharp
    and honest. Always saying the base rate ``p`` has ``p (1 - p)``.

    Parameters
    ----------
    scores : Scores
        Rows of one group by score bin, with their sums of squared errors.

    Returns
    -------
    Estimate
        From 0 to 1; ``n`` counts the rows with a score and ground truth. Undefined without such rows, and for scores
        that are not probabilities. The interval is Wilson's at the effective size; with fewer than five rows of a
        class the widest spread is assumed.

    Notes
    -----
    Source: Brier, "Verification of forecasts expressed in terms of probability", 1950.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.scores import Scores
    >>> positive, negative = np.array([10, 30]), np.array([45, 15])  # at scores 0.2 and 0.6
    >>> none, exact = np.zeros(2, dtype=np.int64), np.ones(2, dtype=bool)
    >>> view = Scores(positive, negative, none, exact, 38.0, 18.4, 18.4, 6.88, np.zeros((3, 10)), probabilities=True)
    >>> e = brier_score(view)
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.184, 0.15, 0.223, 100)
    """
    n, positives = scores.n, int(scores.positive.sum())
    if not n:
        return undefined(NO_SCORED_TARGET)
    if not scores.probabilities:
        return undefined(NO_PROBABILITIES, n)
    value = scores.squared_error / n
    if min(positives, n - positives) < _FEW and value <= 1:
        return effective(value, 0.0, (n, inf), n=n)
    return bounded_mean(n, scores.squared_error, scores.squared_error_square)
