"""Recall."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate
from monitor.metrics.intervals import wilson
from monitor.metrics.reasons import NO_POSITIVE_TARGETS, unlabelled
from monitor.metrics.registry import metric
from monitor.profile.confusion import Confusion


@metric(
    kind="performance",
    reads="confusion",
    unit="share",
    worse="lower",
    tasks=("binary",),
    per_class=True,
    ideal=1.0,
    limits=(0.0, 1.0),
)
def recall(confusion: Confusion) -> Estimate:
    """Share of the positive rows that are predicted positive.

    True positives over all positive targets, also called the true positive rate or sensitivity.

    Parameters
    ----------
    confusion : Confusion
        Rows of one group by target and predicted class, with a positive class.

    Returns
    -------
    Estimate
        A share with Wilson's interval; ``n`` counts the rows with both a prediction and ground truth. Undefined without
        a positive target.

    Examples
    --------
    >>> import numpy as np
    >>> none = np.zeros(2, dtype=np.int64)
    >>> counts = Confusion(("0", "1"), np.array([[50, 10], [5, 35]]), none, none, positive="1")
    >>> e = recall(counts)
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.875, 0.739, 0.945, 100)
    """
    if not confusion.n:
        return unlabelled(confusion)
    positive = confusion.true_positive + confusion.false_negative
    return wilson(confusion.true_positive, positive, reason=NO_POSITIVE_TARGETS, rows=confusion.n)
