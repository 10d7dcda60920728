"""Area under the ROC curve, averaged over classes."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.intervals import clipped
from monitor.metrics.performance.roc_auc import roc_auc
from monitor.metrics.reasons import NO_SCORED_TARGET
from monitor.metrics.registry import metric
from monitor.profile.scores import Scores


@metric(
    kind="performance",
    reads="class_scores",
    unit="share",
    worse="lower",
    tasks=("multiclass",),
    ideal=1.0,
    limits=(0.0, 1.0),
)
def roc_auc_macro(classes: Sequence[Scores]) -> Estimate:
    """Average over the classes of the chance that its rows score higher for it than others do.

    The plain mean of the areas under the ROC curve of each class against the rest.

    Parameters
    ----------
    classes : sequence of Scores
        Rows of one group by bin of a class's score, split by whether the row is of that class; one for each class.

    Returns
    -------
    Estimate
        From 0 to 1; ``n`` counts the rows with scores and ground truth. Undefined when a class has no rows among the
        targets, or all of them: its area does not exist, and leaving it out would compare different things.

    Notes
    -----
    The classes' areas rest on the same rows, and how they vary together is not counted; the interval averages the
    bounds of the classes, which is never too narrow. Source: Provost and Domingos, "Well-trained PETs", 2000, for one
    against rest.

    Examples
    --------
    >>> import numpy as np
    >>> none, exact, calibration = np.zeros(2, dtype=np.int64), np.ones(2, dtype=bool), np.zeros((3, 10))
    >>> rows = [([1, 9], [8, 2]), ([2, 8], [9, 1]), ([3, 7], [7, 3])]
    >>> counts = [(np.array(hit), np.array(rest)) for hit, rest in rows]
    >>> sums = (0.0, 0.0, 0.0, 0.0, calibration)
    >>> e = roc_auc_macro([Scores(*c, none, exact, *sums, probabilities=True) for c in counts])
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.8, 0.576, 0.92, 20)
    """
    n = min((scores.n for scores in classes), default=0)
    if not n:
        return undefined(NO_SCORED_TARGET)
    areas = [roc_auc(scores) for scores in classes]
    values = [area.value for area in areas if area.value is not None]
    if len(values) < len(areas):
        return undefined("a class has no rows, or all rows, among the targets", n)
    k = len(areas)
    bounds = sum(area.low or 0.0 for area in areas) / k, sum(area.high or 0.0 for area in areas) / k
    return clipped(sum(values) / k, n, bounds, (0.0, 1.0))
