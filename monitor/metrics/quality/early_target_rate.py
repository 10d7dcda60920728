"""Rate of ground truth earlier than its prediction."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.intervals import wilson
from monitor.metrics.registry import metric
from monitor.profile.rows import Rows


@metric(kind="quality", reads="rows", unit="share", worse="higher", ideal=0.0, limits=(0.0, 1.0))
def early_target_rate(rows: Rows) -> Estimate:
    """Share of the ground truth that is stamped earlier than its prediction.

    Such rows are counted like all others; many of them mean clocks that differ, a wrong join, or a model that has
    seen the answer.

    Parameters
    ----------
    rows : Rows
        Facts about the rows of the window.

    Returns
    -------
    Estimate
        From 0 to 1, with Wilson's interval; ``n`` is the rows with ground truth. Undefined without such rows, and for a
        model without ground truth.

    Examples
    --------
    >>> early_target_rate(Rows(rows=100, read=100, labelled=40, early=10)).value
    0.25
    """
    if not rows.has_target:
        return undefined("the model has no ground truth")
    return wilson(rows.early, rows.labelled, reason="no rows with ground truth")
