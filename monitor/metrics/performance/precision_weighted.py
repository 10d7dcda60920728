"""Precision, averaged over classes by their rows."""

from __future__ import annotations

import numpy as np

from monitor.metrics.estimate import Estimate
from monitor.metrics.intervals import clipped, wilson_bounds
from monitor.metrics.reasons import unlabelled
from monitor.metrics.registry import metric
from monitor.metrics.slopes import Slopes
from monitor.profile.cells import Cells
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
        interval is Wilson's at the effective size that the delta method gives, from the counts or from the counts with
        two more rows spread over all cells, whichever is wider.

    Examples
    --------
    >>> none = np.zeros(3, dtype=np.int64)
    >>> e = precision_weighted(Confusion(("a", "b", "c"), np.array([[30, 5, 0], [5, 40, 5], [0, 5, 10]]), none, none))
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.8, 0.711, 0.867, 100)
    """
    if not confusion.n:
        return unlabelled(confusion)
    value, size = _measure(confusion.cells)
    careful = _measure(confusion.cells, 2 / len(confusion.classes) ** 2)[1]
    low, high = wilson_bounds(value, min(size, careful))
    return clipped(value, confusion.n, (low, high), (0.0, 1.0))


def _measure(cells: Cells, more: float = 0.0) -> tuple[float, float]:
    """Return the average and its effective size, with ``more`` rows in each cell; all rows where it has no variance."""
    targets, predictions = cells.by_target + cells.size * more, cells.by_prediction + cells.size * more
    n = float(targets.sum())
    share = np.divide(1, predictions, out=np.zeros(len(targets)), where=predictions > 0)
    precision = (cells.hits + more) * share
    value = float(precision @ targets) / n
    slopes = Slopes(precision - value, -precision * targets * share, targets * share)  # of n times the value
    room, spread = value * (1 - value), slopes.spread(cells, more) / n**2
    return value, room / spread if spread > room * 1e-12 else n
