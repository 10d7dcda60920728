"""Recall, averaged over classes."""

from __future__ import annotations

from monitor.metrics.average import Shares, macro
from monitor.metrics.estimate import Estimate
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
def recall_macro(confusion: Confusion) -> Estimate:
    """Average over the classes of the share of its rows that are found.

    The plain mean of the recalls of all classes that occur among targets or predictions; a class without targets
    counts 0, which balanced accuracy leaves out.

    Parameters
    ----------
    confusion : Confusion
        Rows of one group by target and predicted class.

    Returns
    -------
    Estimate
        From 0 to 1; ``n`` counts the rows with both a prediction and ground truth. Undefined without such rows. The
        interval combines the Wilson intervals of the classes; a class without targets could have any recall.

    Examples
    --------
    >>> import numpy as np
    >>> none = np.zeros(3, dtype=np.int64)
    >>> e = recall_macro(Confusion(("a", "b", "c"), np.array([[30, 5, 0], [5, 40, 5], [0, 5, 10]]), none, none))
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.775, 0.666, 0.855, 100)
    """
    if not confusion.n:
        return unlabelled(confusion)
    hits, targets, predictions = confusion.hits, confusion.targets, confusion.predictions
    among = (targets + predictions) > 0
    return macro(Shares.of(hits[among], targets[among]), confusion.n)
