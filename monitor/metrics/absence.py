"""Absence: the plain words for a side of a comparison that has nothing to compare."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate, undefined

NO_SPREAD = "the reference has no spread"


def absent(reference: int, current: int, what: str) -> Estimate | None:
    """Return the undefined estimate when either side has none of ``what``, None when both have some.

    Examples
    --------
    >>> absent(10, 0, "value").reason, absent(0, 10, "value").reason, absent(1, 1, "value")
    ('no rows with a value', 'no reference rows with a value', None)
    """
    if current == 0:
        return undefined(f"no rows with a {what}")
    if reference == 0:
        return undefined(f"no reference rows with a {what}", current)
    return None
