"""Matthews correlation coefficient."""

from __future__ import annotations

import numpy as np

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.intervals import clipped, wilson_bounds
from monitor.metrics.reasons import ONE_PREDICTION, ONE_TARGET, unlabelled
from monitor.metrics.registry import metric
from monitor.metrics.slopes import Slopes
from monitor.profile.cells import Cells, Ints
from monitor.profile.confusion import Confusion


@metric(
    kind="performance",
    reads="confusion",
    unit="correlation",
    worse="lower",
    tasks=("binary", "multiclass"),
    ideal=1.0,
    limits=(-1.0, 1.0),
)
def matthews_correlation(confusion: Confusion) -> Estimate:
    """Correlation between what was predicted and what came true.

    Pearson's correlation of the 0-1 indicators of positive predictions and targets, for more classes its extension to
    all of their indicators: 1 is perfect, 0 no better than chance, -1 always wrong (with more than two classes the
    smallest is above -1).

    Parameters
    ----------
    confusion : Confusion
        Rows of one group by target and predicted class.

    Returns
    -------
    Estimate
        From -1 to 1; ``n`` counts the rows with both a prediction and ground truth. Undefined when the targets, or the
        predictions, are all of one class.

    Notes
    -----
    The interval is Wilson's at the effective size that the delta method gives, from the counts or from the counts with
    two more rows spread over all cells, whichever is wider. Source: Gorodkin, "Comparing two K-category assignments by
    a K-category correlation coefficient", 2004.

    Examples
    --------
    >>> none = np.zeros(2, dtype=np.int64)
    >>> e = matthews_correlation(Confusion(("0", "1"), np.array([[50, 10], [5, 35]]), none, none, positive="1"))
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.698, 0.532, 0.812, 100)
    """
    if not confusion.n:
        return unlabelled(confusion)
    cells = _present(confusion)
    targets, predictions = cells.by_target, cells.by_prediction
    for totals, reason in ((targets, ONE_TARGET), (predictions, ONE_PREDICTION)):
        if np.count_nonzero(totals) < 2:
            return undefined(reason, confusion.n)
    value, size = _measure(cells)
    size = min(size or _fewest(targets, predictions), _measure(cells, 2 / cells.size**2)[1] or np.inf)
    below, above = wilson_bounds((1 + value) / 2, size)
    return clipped(value, confusion.n, (2 * below - 1, 2 * above - 1), (-1.0, 1.0))


def _present(confusion: Confusion) -> Cells:
    """Return the cells of the classes that occur on either side."""
    if confusion.positive is not None:
        return Cells.of(confusion.two_by_two)
    return confusion.cells.among((confusion.targets + confusion.predictions) > 0)


def _fewest(targets: Ints, predictions: Ints) -> float:
    """Return the rows of the rarest class: as many as a perfect correlation rests on."""
    return float(min(targets[targets > 0].min(), predictions[predictions > 0].min()))


def _measure(cells: Cells, more: float = 0.0) -> tuple[float, float]:
    """Return the correlation and its effective size, with ``more`` rows in each cell; 0 where it has no variance.

    The size is that of a share of [-1, 1].
    """
    targets, predictions = cells.by_target + cells.size * more, cells.by_prediction + cells.size * more
    n, right = float(targets.sum()), float((cells.hits + more).sum())
    of_targets, of_predictions = n * n - targets @ targets, n * n - predictions @ predictions
    scale = np.sqrt(of_targets * of_predictions)
    value = float((n * right - targets @ predictions) / scale)
    by_target = (right - predictions) / scale - value * (n - targets) / of_targets
    by_prediction = -targets / scale - value * (n - predictions) / of_predictions
    spread = Slopes(by_target, by_prediction, np.full(cells.size, n / scale)).spread(cells, more)
    room = 1 - value * value
    return value, room / spread if spread > room * 1e-12 else 0.0
