"""Ground truth without a prediction."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.registry import metric
from monitor.profile.rows import Rows


@metric(kind="quality", reads="rows", unit="rows", worse="higher", ideal=0.0, limits=(0.0, None))
def orphan_target_count(rows: Rows) -> Estimate:
    """How many rows of ground truth belong to no prediction.

    Many of them mean lost predictions, or ids that the two tables write differently.

    Parameters
    ----------
    rows : Rows
        Facts about the rows of the window.

    Returns
    -------
    Estimate
        Rows, 0 or more; ``n`` is the rows of the window. Undefined for a model without ground truth, when the source
        does not tell, and for a window without rows.

    Examples
    --------
    >>> orphan_target_count(Rows(rows=100, read=100, labelled=40, orphans=3)).value
    3.0
    """
    if not rows.has_target:
        return undefined("the model has no ground truth", rows.rows)
    if not rows.rows:
        return undefined("no rows")
    if rows.orphans is None:
        return undefined("ground truth without a prediction was not counted", rows.rows)
    return Estimate(float(rows.orphans), n=rows.rows)
