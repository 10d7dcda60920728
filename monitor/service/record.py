"""Measurements as flat records, the one form in which machines read them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from monitor.domain.measurement import Measurement

FIELDS = (
    "model", "version", "window_start", "window_end", "revision", "metric", "column", "group",
    "value", "low", "high", "n", "provisional", "in_reference", "reason",
)  # fmt: skip


def record(found: Measurement) -> dict[str, Any]:
    """Return a measurement as a record of `FIELDS`: instants as text in UTC, the group an object or null.

    Examples
    --------
    >>> day = datetime(2013, 3, 1, tzinfo=UTC), datetime(2013, 3, 2, tzinfo=UTC)
    >>> flat = record(Measurement("flight-delay", *day, "psi", 0.0123, 958, column="distance"))
    >>> flat["window_start"], flat["value"], flat["group"]
    ('2013-03-01T00:00:00Z', 0.0123, None)
    """
    return {
        "model": found.model,
        "version": found.version,
        "window_start": instant(found.window_start),
        "window_end": instant(found.window_end),
        "revision": found.revision,
        "metric": found.metric,
        "column": found.column,
        "group": None if found.group is None else dict(found.group),
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "n": found.n,
        "provisional": found.provisional,
        "in_reference": found.in_reference,
        "reason": found.reason,
    }


def instant(value: datetime) -> str:
    """Return an instant as ISO 8601 text in UTC that ends in ``Z``.

    Examples
    --------
    >>> instant(datetime.fromisoformat("2013-03-01T01:00:00+01:00"))
    '2013-03-01T00:00:00Z'
    """
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def instant_or_none(value: datetime | None) -> str | None:
    """Return an instant as text; None for none."""
    return None if value is None else instant(value)
