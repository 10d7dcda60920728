"""Balanced accuracy."""

from __future__ import annotations

from math import hypot

from monitor.metrics.average import Shares, macro
from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.intervals import clipped, wilson_bounds
from monitor.metrics.reasons import ONE_TARGET, unlabelled
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
def balanced_accuracy(confusion: Confusion) -> Estimate:
    """Average share of each class that is predicted right.

    The plain mean of the recalls of all classes among the targets: of recall and specificity in a binary task. A model
    that says the same of every row has 1 over the number of classes.

    Parameters
    ----------
    confusion : Confusion
        Rows of one group by target and predicted class.

    Returns
    -------
    Estimate
        From 0 to 1; ``n`` counts the rows with both a prediction and ground truth. Undefined without such rows, and in
        a binary task with targets of one class only. The interval combines the Wilson intervals of the classes.

    Notes
    -----
    Source: Brodersen and others, "The balanced accuracy and its posterior distribution", 2010, for the measure.

    Examples
    --------
    >>> import numpy as np
    >>> none = np.zeros(2, dtype=np.int64)
    >>> e = balanced_accuracy(Confusion(("0", "1"), np.array([[50, 10], [5, 35]]), none, none, positive="1"))
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.854, 0.766, 0.905, 100)
    """
    if not confusion.n:
        return unlabelled(confusion)
    if confusion.positive is not None:
        return _two(confusion)
    among = confusion.targets > 0
    return macro(Shares.of(confusion.hits[among], confusion.targets[among]), confusion.n)


def _two(confusion: Confusion) -> Estimate:
    positive = confusion.true_positive + confusion.false_negative
    negative = confusion.n - positive
    if not positive or not negative:
        return undefined(ONE_TARGET, confusion.n)
    recall, specificity = confusion.true_positive / positive, confusion.true_negative / negative
    a, b = wilson_bounds(recall, positive), wilson_bounds(specificity, negative)
    value = (recall + specificity) / 2
    below, above = hypot(recall - a[0], specificity - b[0]) / 2, hypot(a[1] - recall, b[1] - specificity) / 2
    return clipped(value, confusion.n, (value - below, value + above), (0.0, 1.0))
