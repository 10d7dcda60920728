"""Precision, averaged over classes by their rows."""

from __future__ import annotations

from math import inf

import numpy as np

from monitor.metrics.estimate import Estimate
from monitor.metrics.means import effective
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
def precision_weighted(confusion: Confusion) -> Estimate:
    """Share of predictions of each class that are right, averaged by how frequent the class is.

    The mean of the precisions of all classes, each weighted by its targets; a class that is never predicted counts 0.

    Parameters
    ----------
    confusion : Confusion
        Rows of one group by target and predicted class.

    Returns
    -------
    Estimate
        From 0 to 1; ``n`` counts the rows with both a prediction and ground truth. Undefined without such rows. The
        interval is Wilson's at the effective size that the delta method gives.

    Examples
    --------
    >>> none = np.zeros(3, dtype=np.int64)
    >>> e = precision_weighted(Confusion(("a", "b", "c"), np.array([[30, 5, 0], [5, 40, 5], [0, 5, 10]]), none, none))
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.8, 0.711, 0.867, 100)
    """
    if not confusion.n:
        return unlabelled(confusion)
    n, targets = confusion.n, confusion.targets
    share = 1 / np.maximum(confusion.predictions, 1)
    precision = confusion.hits * share
    value = float(precision @ targets) / n
    slope = (precision - value)[:, None] - precision * targets * share  # of n times the value, by target and prediction
    slope.flat[:: len(targets) + 1] += targets * share
    variance = float((confusion.matrix * slope * slope).sum()) / n**2
    return effective(value, variance, (n, inf), n=n)
