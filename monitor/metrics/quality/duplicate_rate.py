"""Duplicate rate."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate
from monitor.metrics.intervals import wilson
from monitor.metrics.registry import metric
from monitor.profile.rows import Rows


@metric(kind="quality", reads="rows", unit="share", worse="higher", ideal=0.0, limits=(0.0, 1.0))
def duplicate_rate(rows: Rows) -> Estimate:
    """Share of the rows read that repeat the id of a later one.

    Of rows with the same id only the latest counts in every other metric.

    Parameters
    ----------
    rows : Rows
        Facts about the rows of the window.

    Returns
    -------
    Estimate
        From 0 to 1, with Wilson's interval; ``n`` is the rows read. Undefined when none were.

    Examples
    --------
    >>> duplicate_rate(Rows(rows=98, read=100, labelled=0)).value
    0.02
    """
    return wilson(rows.read - rows.rows, rows.read)
