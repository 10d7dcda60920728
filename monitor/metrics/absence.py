"""Absence: the plain words for a side of a comparison that has nothing to compare."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate, undefined

NO_SPREAD = "the reference has no spread"


def absent(reference: int, current: int, what: str | None = None) -> Estimate | None:
    """Return the undefined estimate when either side has no rows, or none with ``what``; None when both have some.

    Examples
    --------
    >>> absent(10, 0, "value").reason, absent(0, 10, "value").reason, absent(1, 1, "value")
    ('no rows with a value', 'no reference rows with a value', None)
    """
    having = f" with a {what}" if what else ""
    if current == 0:
        return undefined(f"no rows{having}")
    if reference == 0:
        return undefined(f"no reference rows{having}", current)
    return None
