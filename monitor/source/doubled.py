"""The hour that clocks show twice, which times without an offset cannot tell apart."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pyarrow as pa

from monitor.errors import SourceError
from monitor.source.relation import Request
from monitor.source.times import to_utc

if TYPE_CHECKING:
    from monitor.source.source import Source

DAYS = 400  # how far back one is looked for: every zone that has such hours has them each year
ROWS = 1_000
_DAY, _QUARTER = timedelta(days=1), timedelta(minutes=15)


def doubled_remark(source: Source, extent: tuple[datetime, datetime]) -> str | None:
    """Say that the times of a log carry no offset and that it spans an hour which its clocks show twice; else None."""
    zone = source.request.timezone
    newest = None if zone is None or source.request.time is None else doubled(extent, zone)
    if newest is None or not _naive(source):
        return None
    return (
        f"{source.place} holds times without an offset, and the clocks of {zone} go back: what they show twice, as from"
        f" {newest:%Y-%m-%d %H:%M}, is read as the first time; log UTC or the offset to tell them apart"
    )


def doubled(extent: tuple[datetime, datetime], zone: str) -> datetime | None:
    """Return the newest wall time in an interval from which on clocks show times twice; None without one.

    Examples
    --------
    >>> year = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)
    >>> str(doubled(year, "America/New_York")), doubled(year, "UTC")
    ('2026-11-01 01:00:00', None)
    """
    here = ZoneInfo(zone)
    first, at = extent
    first = max(first, at - DAYS * _DAY)
    while at > first:
        before = max(first, at - _DAY)
        if _offset(before, here) > _offset(at, here):
            return _first_pass(before, at, here)
        at = before
    return None


def _first_pass(before: datetime, at: datetime, here: ZoneInfo) -> datetime:
    """Return the wall time to which the clocks go back between two instants."""
    turn = before.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while _offset(turn, here) == _offset(before, here) and turn < at:
        turn += _QUARTER
    return turn.astimezone(here).replace(tzinfo=None)


def _offset(at: datetime, here: ZoneInfo) -> timedelta:
    return at.astimezone(here).utcoffset() or timedelta(0)


def _naive(source: Source) -> bool:
    """Tell whether one of a log's first times has no offset of its own."""
    time = source.request.time or ""
    rows = source.predictions.read(Request((time,), where=source.request.where))
    with closing(rows):  # type: ignore[type-var]
        batch = next(rows, None)
    try:
        to_utc(pa.nulls(0) if batch is None else batch.column(0).slice(0, ROWS), None, source.place)
    except SourceError:
        return True
    return False
