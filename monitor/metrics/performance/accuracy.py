"""Accuracy."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate
from monitor.metrics.intervals import wilson
from monitor.metrics.reasons import unlabelled
from monitor.metrics.registry import metric
from monitor.profile.confusion import Confusion


@metric(
    kind="performance",
    reads="confusion",
    unit="share",
    worse="lower",
    tasks=("binary", "multiclass"),
    ideal=1.0,
    limits=(0.0, 1.0),
)
def accuracy(confusion: Confusion) -> Estimate:
    """Share of rows predicted as what they turned out to be.

    Rows on the diagonal over all rows that have both a prediction and ground truth. In a binary task all classes but
    the positive one are the same.

    Parameters
    ----------
    confusion : Confusion
        Rows of one group by target and predicted class.

    Returns
    -------
    Estimate
        A share with Wilson's interval; ``n`` counts the rows with both a prediction and ground truth. Undefined without
        such rows.

    Notes
    -----
    At 1 % positives a model that never says yes has 0.99: look at recall and precision too.

    Examples
    --------
    >>> import numpy as np
    >>> none = np.zeros(2, dtype=np.int64)
    >>> e = accuracy(Confusion(("0", "1"), np.array([[50, 10], [5, 35]]), none, none, positive="1"))
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.85, 0.767, 0.907, 100)
    """
    if not confusion.n:
        return unlabelled(confusion)
    if confusion.positive is None:
        return wilson(int(confusion.hits.sum()), confusion.n)
    return wilson(confusion.true_positive + confusion.true_negative, confusion.n)
