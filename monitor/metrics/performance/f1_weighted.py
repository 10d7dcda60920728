"""F1 score, averaged over classes by their rows."""

from __future__ import annotations

from math import inf

import numpy as np

from monitor.metrics.estimate import Estimate
from monitor.metrics.means import effective
from monitor.metrics.reasons import unlabelled
from monitor.metrics.registry import metric
from monitor.metrics.slopes import Slopes
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
def f1_weighted(confusion: Confusion) -> Estimate:
    """Balance of precision and recall of each class, averaged by how frequent the class is.

    The mean of the F1 scores of all classes, each weighted by its targets.

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
    >>> e = f1_weighted(Confusion(("a", "b", "c"), np.array([[30, 5, 0], [5, 40, 5], [0, 5, 10]]), none, none))
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.8, 0.711, 0.867, 100)
    """
    if not confusion.n:
        return unlabelled(confusion)
    n, targets = confusion.n, confusion.targets
    share = 1 / np.maximum(targets + confusion.predictions, 1)
    f1 = 2 * confusion.hits * share
    value = float(f1 @ targets) / n
    lost = f1 * targets * share  # what one more row on either side of a class takes from its term
    slopes = Slopes(f1 - value - lost, -lost, 2 * targets * share)
    variance = slopes.spread(confusion.cells) / n**2
    return effective(value, variance, (n, inf), n=n)
