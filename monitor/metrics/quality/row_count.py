"""Number of rows."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate
from monitor.metrics.registry import metric
from monitor.profile.rows import Rows


@metric(kind="quality", reads="rows", unit="rows", worse="neither", limits=(0.0, None))
def row_count(rows: Rows) -> Estimate:
    """How many rows the window has, duplicates left out.

    Parameters
    ----------
    rows : Rows
        Facts about the rows of the window.

    Returns
    -------
    Estimate
        Rows, 0 or more; always defined, and exact, so without an interval.

    Examples
    --------
    >>> row_count(Rows(rows=98, read=100, labelled=0)).value
    98.0
    """
    return Estimate(float(rows.rows), n=rows.rows)
