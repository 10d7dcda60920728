"""F1 score."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.intervals import wilson_bounds
from monitor.metrics.reasons import NO_POSITIVES, unlabelled
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
def f1(confusion: Confusion) -> Estimate:
    """Balance of precision and recall, 1 when both are perfect.

    Their harmonic mean, ``2 TP / (2 TP + FP + FN)``; true negatives do not count.

    Parameters
    ----------
    confusion : Confusion
        Rows of one group by target and predicted class, with a positive class.

    Returns
    -------
    Estimate
        From 0 to 1; ``n`` counts the rows with both a prediction and ground truth. Undefined when no row is positive on
        either side. The interval is Wilson's of the share ``J = TP / (TP + FP + FN)``, carried over by
        ``F1 = 2 J / (1 + J)``, which only grows.

    Notes
    -----
    Source: van Rijsbergen, "Information Retrieval", 1979.

    Examples
    --------
    >>> import numpy as np
    >>> none = np.zeros(2, dtype=np.int64)
    >>> e = f1(Confusion(("0", "1"), np.array([[50, 10], [5, 35]]), none, none, positive="1"))
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.824, 0.72, 0.894, 100)
    """
    if not confusion.n:
        return unlabelled(confusion)
    hit = confusion.true_positive
    either = hit + confusion.false_positive + confusion.false_negative
    if not either:
        return undefined(NO_POSITIVES, confusion.n)
    low, high = wilson_bounds(hit / either, either)
    return Estimate(2 * hit / (hit + either), confusion.n, 2 * low / (1 + low), 2 * high / (1 + high))
