"""How grave a severity is, so that severities can be compared."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.domain.verdict import SEVERITIES, Severity

_RANK = {severity: rank for rank, severity in enumerate(SEVERITIES)}


def rank(severity: Severity | None) -> int:
    """Return 0 for the least severity, more for graver ones, -1 for none at all.

    Examples
    --------
    >>> rank(None), rank("info"), rank("critical")
    (-1, 0, 2)
    """
    return -1 if severity is None else _RANK[severity]


def gravest(severities: Iterable[Severity]) -> Severity | None:
    """Return the gravest, None of none.

    Examples
    --------
    >>> gravest(["warning", "critical", "info"])
    'critical'
    """
    return max(severities, key=rank, default=None)


def lighter(one: Severity, other: Severity) -> Severity:
    """Return the less grave of two.

    Examples
    --------
    >>> lighter("warning", "critical")
    'warning'
    """
    return min(one, other, key=rank)
