"""Bounds on a time column, in the form in which the log writes time, so that its index serves.

A bound may let rows outside the window through (they are filtered exactly afterwards), but never
keeps one inside it back.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Seconds, milli-, micro-, nanoseconds: from which size on a number counts them, up to which, and how
# many microseconds are how many of them.
_UNITS = (
    (0, 10**11, 10**6, 1),
    (10**11, 10**14, 10**3, 1),
    (10**14, 10**17, 1, 1),
    (10**17, 2**63 - 1, 1, 1000),
)


def microseconds(moment: datetime) -> int:
    """Count the microseconds from the epoch to an aware instant.

    Examples
    --------
    >>> microseconds(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    return (moment - _EPOCH) // timedelta(microseconds=1)


def epoch_ranges(start: datetime | None, end: datetime | None) -> list[tuple[int, int]]:
    """Return the half-open ranges of numbers that stand for an instant of the window, one per unit.

    Examples
    --------
    >>> day = datetime(2023, 11, 14, tzinfo=UTC)
    >>> epoch_ranges(day, day + DAY)[0]
    (1699920000, 1700006400)
    """
    low = None if start is None else microseconds(start)
    high = None if end is None else microseconds(end)
    ranges = []
    for least, limit, per, times in _UNITS:
        lower = 1 - limit if low is None else low * times // per
        upper = limit if high is None else -(-high * times // per)
        lower, upper = max(lower, 1 - limit), min(upper, limit)
        if lower < upper and not (-least < lower and upper <= least):
            ranges.append((lower, upper))
    return ranges


def local_bound(moment: datetime | None, zone: str | None, days: int) -> datetime | None:
    """Return an instant on the wall clock of ``zone``; near a switch, moved by ``days``.

    ``days`` is -1 for a start and 1 for an end: while clocks are set, wall times repeat or are
    skipped, and only a wider range is sure to hold every row.

    Examples
    --------
    >>> local_bound(datetime(2013, 7, 1, 4, tzinfo=UTC), "America/New_York", -1)
    datetime.datetime(2013, 7, 1, 0, 0)
    >>> local_bound(datetime(2013, 3, 10, 7, tzinfo=UTC), "America/New_York", -1)
    datetime.datetime(2013, 3, 9, 3, 0)
    """
    if moment is None:
        return None
    there = ZoneInfo(zone or "UTC")
    shift = timedelta(days=days)
    try:
        near = {(moment + step).astimezone(there).utcoffset() for step in (-DAY, timedelta(), DAY)}
        wall = moment.astimezone(there).replace(tzinfo=None)
        return wall if len(near) == 1 else wall + shift
    except OverflowError:
        return None


def text_bound(wall: datetime, separator: str) -> str:
    """Return the shortest text that sorts before every spelling of this second and later ones.

    ``2013-01-01T00`` sorts before ``2013-01-01T00:00``, ``…00:00.000`` and ``…00:00Z``, while the full
    ``…00:00.000000`` would sort after two of them.

    Examples
    --------
    >>> text_bound(datetime(2013, 1, 1), "T"), text_bound(datetime(2013, 1, 1, 0, 30), " ")
    ('2013-01-01T00', '2013-01-01 00:30')
    """
    text = wall.replace(microsecond=0).isoformat(sep=separator)
    return text.removesuffix(":00").removesuffix(":00")


def ceil_second(moment: datetime) -> datetime:
    """Round an instant up to a whole second.

    Examples
    --------
    >>> ceil_second(datetime(2013, 1, 1, 0, 0, 0, 1)).second
    1
    """
    return moment if not moment.microsecond else moment.replace(microsecond=0) + timedelta(seconds=1)
