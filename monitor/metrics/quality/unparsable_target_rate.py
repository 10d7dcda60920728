"""Rate of ground truth that is no number."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.intervals import wilson
from monitor.metrics.reasons import NO_TARGET
from monitor.metrics.registry import metric
from monitor.profile.rows import Rows


@metric(
    kind="quality",
    reads="rows",
    unit="share",
    worse="higher",
    tasks=("regression", "ranking"),
    ideal=0.0,
    limits=(0.0, 1.0),
)
def unparsable_target_rate(rows: Rows) -> Estimate:
    """Share of the ground truth that arrived but is no number.

    Text such as ``"n/a"`` where a number was expected. Such rows count as rows without ground truth everywhere else.

    Parameters
    ----------
    rows : Rows
        Facts about the rows of the window.

    Returns
    -------
    Estimate
        From 0 to 1, with Wilson's interval; ``n`` is the rows whose target is not empty. Undefined without such rows,
        and for a model without ground truth.

    Examples
    --------
    >>> unparsable_target_rate(Rows(rows=100, read=100, labelled=30, unparsable=10)).value
    0.25
    """
    if not rows.has_target:
        return undefined("the model has no ground truth")
    return wilson(rows.unparsable, rows.labelled + rows.unparsable, reason=NO_TARGET)
