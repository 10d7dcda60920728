"""Coverage by ground truth."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.intervals import wilson
from monitor.metrics.registry import metric
from monitor.profile.rows import Rows


@metric(kind="quality", reads="rows", unit="share", worse="lower", ideal=1.0, limits=(0.0, 1.0))
def target_coverage(rows: Rows) -> Estimate:
    """Share of the rows whose ground truth has arrived.

    Where the task needs numbers, what is no number has not arrived: `unparsable_target_rate` tells of it.

    Parameters
    ----------
    rows : Rows
        Facts about the rows of the window.

    Returns
    -------
    Estimate
        From 0 to 1, with Wilson's interval; ``n`` is the rows of the window. Undefined without rows, and for a model
        without ground truth.

    Examples
    --------
    >>> target_coverage(Rows(rows=100, read=100, labelled=40)).value
    0.4
    """
    if not rows.has_target:
        return undefined("the model has no ground truth", rows.rows)
    return wilson(rows.labelled, rows.rows)
