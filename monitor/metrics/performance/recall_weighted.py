"""Recall, averaged over classes by their rows."""

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
    tasks=("multiclass",),
    ideal=1.0,
    limits=(0.0, 1.0),
)
def recall_weighted(confusion: Confusion) -> Estimate:
    """Share of each class that is found, averaged by how frequent the class is.

    The mean of the recalls of all classes, each weighted by its targets: the same number as accuracy.

    Parameters
    ----------
    confusion : Confusion
        Rows of one group by target and predicted class.

    Returns
    -------
    Estimate
        From 0 to 1; ``n`` counts the rows with both a prediction and ground truth. Undefined without such rows. The
        interval is Wilson's.

    Examples
    --------
    >>> import numpy as np
    >>> none = np.zeros(3, dtype=np.int64)
    >>> e = recall_weighted(Confusion(("a", "b", "c"), np.array([[30, 5, 0], [5, 40, 5], [0, 5, 10]]), none, none))
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.8, 0.711, 0.867, 100)
    """
    if not confusion.n:
        return unlabelled(confusion)
    return wilson(int(confusion.hits.sum()), confusion.n)
