"""F1 score, averaged over classes."""

from __future__ import annotations

from monitor.metrics.average import Covariance, Floats, Ints, Shares, macro
from monitor.metrics.estimate import Estimate
from monitor.metrics.reasons import unlabelled
from monitor.metrics.registry import metric
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
def f1_macro(confusion: Confusion) -> Estimate:
    """Average over the classes of the balance of precision and recall.

    The plain mean of the F1 scores of all classes that occur among targets or predictions.

    Parameters
    ----------
    confusion : Confusion
        Rows of one group by target and predicted class.

    Returns
    -------
    Estimate
        From 0 to 1; ``n`` counts the rows with both a prediction and ground truth. Undefined without such rows. The
        interval combines the intervals of the classes, which share their mistakes: a row of one taken for another
        lowers both.

    Examples
    --------
    >>> import numpy as np
    >>> none = np.zeros(3, dtype=np.int64)
    >>> e = f1_macro(Confusion(("a", "b", "c"), np.array([[30, 5, 0], [5, 40, 5], [0, 5, 10]]), none, none))
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.775, 0.667, 0.855, 100)
    """
    if not confusion.n:
        return unlabelled(confusion)
    among = (confusion.targets + confusion.predictions) > 0
    hits, both = confusion.hits[among], (confusion.targets + confusion.predictions)[among]
    overlap = Shares.of(
        hits, both - hits
    )  # hits over rows of the class on either side: F1 = 2 J / (1 + J) grows with it
    value, low, high = (2 * share / (1 + share) for share in (overlap.value, overlap.low, overlap.high))
    together = _together(confusion.cells.among(among), value, hits, both)
    return macro(Shares(value, low, high, both / 2), confusion.n, together)


def _together(cells: Cells, value: Floats, hits: Ints, both: Ints) -> Covariance:
    """Return how the classes' scores vary together, by the delta method."""
    wrong = cells.targets != cells.predictions
    one, other, slope = cells.targets[wrong], cells.predictions[wrong], value / both
    variance = (hits * 4 * (1 - value) ** 2 + (both - 2 * hits) * value**2) / both**2
    return Covariance(variance, one, other, cells.rows[wrong] * slope[one] * slope[other])
