"""Rows by target and predicted class."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.registry import metric
from monitor.profile.confusion import Confusion


@metric(
    kind="performance", reads="cells", unit="rows", worse="neither", tasks=("binary", "multiclass"), limits=(0.0, None)
)
def confusion_count(confusion: Confusion, target: str, prediction: str) -> Estimate:
    """Rows of one target class that were given one predicted class.

    One measurement per pair, with the pair as its group: the confusion matrix, cell by cell.

    Parameters
    ----------
    confusion : Confusion
        Rows by target and predicted class.
    target, prediction : str
        The pair of classes.

    Returns
    -------
    Estimate
        Rows, 0 or more; ``n`` is all rows with target and prediction. Undefined when there are none.

    Examples
    --------
    >>> import numpy as np
    >>> none = np.zeros(2, np.int64)
    >>> confusion_count(Confusion(("0", "1"), np.array([[5, 1], [2, 3]]), none, none), "1", "0").value
    2.0
    """
    if not confusion.n:
        return undefined("no rows with ground truth")
    at = confusion.places.get(target), confusion.places.get(prediction)
    rows = 0 if at[0] is None or at[1] is None else confusion.at(at[0], at[1])
    return Estimate(float(rows), n=confusion.n)
