"""Numbers, instants and lengths as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

NOTHING = "-"


def number(value: float | None, digits: int = 4) -> str:
    """Return a value with so many significant digits, large ones whole; ``-`` for none.

    Examples
    --------
    >>> number(0.012345), number(-75012.4), number(0.0), number(None), number(3e-12), number(1.5e18)
    ('0.01235', '-75012', '0', '-', '3e-12', '1.5e+18')
    """
    if value is None:
        return NOTHING
    if 10**digits <= abs(value) < 1e15:
        return f"{value:.0f}"
    return f"{value:.{digits}g}"


def count(value: int | None) -> str:
    """Return a count with its thousands apart; ``-`` for none.

    Examples
    --------
    >>> count(336776)
    '336 776'
    """
    return NOTHING if value is None else f"{value:,}".replace(",", " ")


def plural(value: int, noun: str) -> str:
    """Return a count and its noun.

    Examples
    --------
    >>> plural(1, "window"), plural(1200, "window")
    ('1 window', '1 200 windows')
    """
    return f"{count(value)} {noun}{'' if value == 1 else 's'}"


def instant(value: datetime | None, zone: str = "UTC") -> str:
    """Return an instant by the clocks of ``zone``, without its seconds when they are zero; ``-`` for none.

    A time that those clocks show twice has its offset beside it.

    Examples
    --------
    >>> from datetime import UTC
    >>> instant(datetime(2013, 3, 1, tzinfo=UTC)), instant(datetime(2013, 3, 1, 4, 30, tzinfo=UTC))
    ('2013-03-01', '2013-03-01 04:30')
    >>> instant(datetime(2026, 11, 1, 6, tzinfo=UTC), "America/New_York")
    '2026-11-01 01:00-05:00'
    """
    if value is None:
        return NOTHING
    return _wall(value.astimezone(ZoneInfo(zone)))


def minute(value: datetime | None, zone: str = "UTC") -> str:
    """Return an instant to the minute, rounded down; ``-`` for none.

    Examples
    --------
    >>> from datetime import UTC
    >>> minute(datetime(2013, 3, 1, 4, 30, 59, tzinfo=UTC))
    '2013-03-01 04:30'
    """
    return instant(None if value is None else value.replace(second=0, microsecond=0), zone)


def window(start: datetime, end: datetime, zone: str = "UTC") -> str:
    """Return a window as its beginning and its length, both by the clocks of ``zone``; a day is only its date.

    A beginning that those clocks show twice has its offset beside it.

    Examples
    --------
    >>> from datetime import UTC
    >>> window(datetime(2013, 3, 10, 5, tzinfo=UTC), datetime(2013, 3, 11, 4, tzinfo=UTC), "America/New_York")
    '2013-03-10'
    >>> window(datetime(2013, 3, 4, tzinfo=UTC), datetime(2013, 3, 11, tzinfo=UTC))
    '2013-03-04 7d'
    >>> [window(datetime(2026, 11, 1, h, tzinfo=UTC), datetime(2026, 11, 1, h + 1, tzinfo=UTC), "America/New_York")
    ...  for h in (5, 6, 7)]
    ['2026-11-01 01:00-04:00 1h', '2026-11-01 01:00-05:00 1h', '2026-11-01 02:00 1h']
    """
    here = ZoneInfo(zone)
    first, last = (at.astimezone(here) for at in (start, end))
    days = (last.date() - first.date()).days
    if first.time() == last.time() == time(0) and days:
        return first.date().isoformat() + (f" {days}d" if days != 1 else "")
    return f"{_wall(first)} {length(end - start)}"


def length(value: timedelta | None) -> str:
    """Return a length in its largest whole unit; ``-`` for none.

    Examples
    --------
    >>> length(timedelta(days=14)), length(timedelta(hours=23)), length(timedelta(days=1, hours=1)), length(timedelta())
    ('14d', '23h', '25h', '0s')
    """
    if value is None:
        return NOTHING
    seconds = int(value.total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def about(value: timedelta | None) -> str:
    """Return a length in one unit, rounded down; ``-`` for none.

    Examples
    --------
    >>> about(timedelta(days=3, hours=5)), about(timedelta(minutes=95)), about(timedelta(days=4700))
    ('3d', '1h', '12y')
    """
    if value is None:
        return NOTHING
    seconds = int(value.total_seconds())
    for size, unit in ((365 * 86400, "y"), (86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= 2 * size or (seconds >= size and unit != "y"):
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def group(value: Mapping[str, str | None] | None) -> str:
    """Return a group as ``origin=JFK, carrier=UA``; ``-`` for none.

    Examples
    --------
    >>> group({"origin": "JFK", "carrier": None})
    'origin=JFK, carrier=(missing)'
    """
    if value is None:
        return NOTHING
    return ", ".join(f"{key}={'(missing)' if item is None else item}" for key, item in value.items())


def _wall(value: datetime) -> str:
    """Return a local time as clocks show it, with its offset where they show it twice."""
    bare = value.replace(tzinfo=None)
    if value.replace(fold=0).utcoffset() != value.replace(fold=1).utcoffset():
        bare = value
    elif value.time() == time(0):
        return value.date().isoformat()
    return bare.isoformat(" ", "seconds" if value.second or value.microsecond else "minutes")
