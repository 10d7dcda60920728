"""Area under the ROC curve."""

from __future__ import annotations

import numpy as np

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.means import effective
from monitor.metrics.reasons import NO_SCORED_TARGET, ONE_TARGET
from monitor.metrics.registry import metric
from monitor.profile.scores import Scores


@metric(
    kind="performance",
    reads="scores",
    unit="share",
    worse="lower",
    tasks=("binary",),
    ideal=1.0,
    limits=(0.0, 1.0),
)
def roc_auc(scores: Scores) -> Estimate:
    """Chance that a positive row has a higher score than a negative one.

    The area under the curve of true against false positive rate over all thresholds; equal scores count half.

    Parameters
    ----------
    scores : Scores
        Rows of one group by score bin, shape ``(bins,)``, split by what came true.

    Returns
    -------
    Estimate
        From 0 to 1, 0.5 for scores that know nothing; ``n`` counts the rows with a score and ground truth. Undefined
        unless there are both positive and negative ones.

    Notes
    -----
    Rows in one bin count as equal: exact for bins of one value, else off by no more than half the share of
    positive-negative pairs that fall into one bin. The variance is DeLong's from counts, the interval Wilson's at the
    effective size, which a small class caps: its few rows do not show how far others would stray. Source: DeLong,
    DeLong and Clarke-Pearson, "Comparing the areas under two or more correlated ROC curves", 1988.

    Examples
    --------
    >>> from monitor.profile.scores import Scores
    >>> positive, negative = np.array([1, 4, 5, 30]), np.array([40, 10, 7, 3])
    >>> none, exact = np.zeros(4, dtype=np.int64), np.ones(4, dtype=bool)
    >>> e = roc_auc(Scores(positive, negative, none, exact, 0.0, 0.0, 0.0, 0.0, np.zeros((3, 10)), probabilities=True))
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.926, 0.858, 0.963, 100)
    """
    positive, negative = scores.positive.astype(np.float64), scores.negative.astype(np.float64)
    positives, negatives = float(positive.sum()), float(negative.sum())
    n = int(positives + negatives)
    if not positives or not negatives:
        return undefined(ONE_TARGET if n else NO_SCORED_TARGET, n)
    beaten = (np.cumsum(negative) - negative / 2) / negatives  # share of negative rows that a positive one here beats
    beating = 1 - (np.cumsum(positive) - positive / 2) / positives
    value = float(positive @ beaten) / positives
    variance = float(positive @ (beaten - value) ** 2) / (positives * max(positives - 1, 1))
    variance += float(negative @ (beating - value) ** 2) / (negatives * max(negatives - 1, 1))
    fewer = min(positives, negatives)
    return effective(value, variance, (fewer, fewer * (4 + fewer / 25)), n=n)
