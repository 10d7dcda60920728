"""Base rate."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate
from monitor.metrics.intervals import wilson
from monitor.metrics.reasons import NO_TARGET
from monitor.metrics.registry import metric
from monitor.profile.confusion import Confusion


@metric(kind="performance", reads="confusion", unit="share", worse="neither", tasks=("binary",), limits=(0.0, 1.0))
def base_rate(confusion: Confusion) -> Estimate:
    """Share of rows that turned out to be positive.

    Positive targets over all rows with ground truth, whether or not the model gave a prediction.

    Parameters
    ----------
    confusion : Confusion
        Rows of one group by target and predicted class, with a positive class.

    Returns
    -------
    Estimate
        A share with Wilson's interval; ``n`` counts the rows with ground truth. Undefined without such rows.

    Notes
    -----
    While labels are late it is that of the early ones, which may differ: chargebacks come first and are all positive.

    Examples
    --------
    >>> import numpy as np
    >>> none = np.zeros(2, dtype=np.int64)
    >>> e = base_rate(Confusion(("0", "1"), np.array([[50, 10], [5, 35]]), none, none, positive="1"))
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.4, 0.309, 0.498, 100)
    """
    return wilson(confusion.labelled_positive, confusion.labelled, reason=NO_TARGET)
