"""Selection rate."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate
from monitor.metrics.intervals import wilson
from monitor.metrics.registry import metric
from monitor.profile.confusion import Confusion


@metric(kind="performance", reads="confusion", unit="share", worse="neither", tasks=("binary",), limits=(0.0, 1.0))
def selection_rate(confusion: Confusion) -> Estimate:
    """Share of rows that are predicted positive.

    Rows predicted positive over all rows with a prediction. It needs no ground truth, so it is there at once.

    Parameters
    ----------
    confusion : Confusion
        Rows of one group by target and predicted class, with a positive class.

    Returns
    -------
    Estimate
        A share with Wilson's interval; ``n`` counts the rows with a prediction. Undefined without such rows.

    Examples
    --------
    >>> import numpy as np
    >>> unlabelled, undecided = np.array([90, 10]), np.array([0, 0])
    >>> e = selection_rate(Confusion(("0", "1"), np.array([[50, 10], [5, 35]]), unlabelled, undecided, positive="1"))
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.275, 0.218, 0.341, 200)
    """
    return wilson(confusion.selected, confusion.decided, reason="no rows with a prediction")
