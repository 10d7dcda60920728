"""Specificity."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate
from monitor.metrics.intervals import wilson
from monitor.metrics.reasons import NO_NEGATIVE_TARGETS, unlabelled
from monitor.metrics.registry import metric
from monitor.profile.confusion import Confusion


@metric(
    kind="performance", reads="confusion", unit="share", worse="lower", tasks=("binary",), ideal=1.0, limits=(0.0, 1.0)
)
def specificity(confusion: Confusion) -> Estimate:
    """Share of the negative rows that are not predicted positive.

    True negatives over all negative targets: the recall of the negative class, 1 less the false positive rate.

    Parameters
    ----------
    confusion : Confusion
        Rows of one group by target and predicted class, with a positive class.

    Returns
    -------
    Estimate
        A share with Wilson's interval; ``n`` counts the rows with both a prediction and ground truth. Undefined without
        a negative target.

    Examples
    --------
    >>> import numpy as np
    >>> none = np.zeros(2, dtype=np.int64)
    >>> counts = Confusion(("0", "1"), np.array([[50, 10], [5, 35]]), none, none, positive="1")
    >>> e = specificity(counts)
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.833, 0.72, 0.907, 100)
    """
    if not confusion.n:
        return unlabelled(confusion)
    negative = confusion.true_negative + confusion.false_positive
    return wilson(confusion.true_negative, negative, reason=NO_NEGATIVE_TARGETS, rows=confusion.n)
