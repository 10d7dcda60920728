"""Mean score."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate
from monitor.metrics.means import mean
from monitor.metrics.registry import metric
from monitor.profile.scores import Scores


@metric(kind="performance", reads="scores", unit="score", worse="neither", tasks=("binary",))
def mean_score(scores: Scores) -> Estimate:
    """Mean score that the model gave.

    Over all rows with a score, whether or not their ground truth is known.

    Parameters
    ----------
    scores : Scores
        Rows of one group, with the sums of their scores.

    Returns
    -------
    Estimate
        In the score's own unit, with Student's interval; ``n`` counts the rows with a score. Undefined without such
        rows; no interval below two.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.scores import Scores
    >>> positive, negative = np.array([10, 30]), np.array([45, 15])  # at scores 0.2 and 0.6
    >>> none, exact = np.zeros(2, dtype=np.int64), np.ones(2, dtype=bool)
    >>> view = Scores(positive, negative, none, exact, 38.0, 18.4, 18.4, 6.88, np.zeros((3, 10)), probabilities=True)
    >>> e = mean_score(view)
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.38, 0.34, 0.42, 100)
    """
    found = mean(scores.scored, scores.score_sum, scores.score_square, reason="no rows with a score")
    if not scores.probabilities or found.low is None or found.high is None or found.value is None:
        return found
    return Estimate(found.value, found.n, max(0.0, found.low), max(found.value, min(1.0, found.high)))
