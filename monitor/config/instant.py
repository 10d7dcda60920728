"""Instants as people write them: a date, a local time, or a time with its offset."""

import re
from datetime import UTC, date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from monitor.config.parsed import Parsed
from monitor.config.wrong import Wrong

_SHAPE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?\s?(Z|[+-]\d\d:?\d\d)?)?", re.IGNORECASE)
_HINT = "write 2013-01-31, 2013-01-31T06:00 (both in window_timezone) or 2013-01-31T06:00:00Z"


def parse_instant(value: object) -> datetime:
    """Return the instant that a text means; naive when the text has no offset.

    A date is its midnight. Naive instants are placed in the model's ``window_timezone`` afterwards
    (`place`), so those of a loaded `Config` are aware and in UTC.

    Raises
    ------
    Wrong
        The text is no date or time, or one that does not exist.

    Examples
    --------
    >>> parse_instant("2013-01-31")
    datetime.datetime(2013, 1, 31, 0, 0)
    >>> parse_instant("2013-01-31 06:00:00-05:00")
    datetime.datetime(2013, 1, 31, 11, 0, tzinfo=datetime.timezone.utc)
    """
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001  placed later
    if not isinstance(value, str) or not _SHAPE.fullmatch(value.strip()):
        raise Wrong("is not a date or time", _HINT)
    text = value.strip().upper().replace(" Z", "Z").replace(" +", "+")
    try:
        instant = datetime.fromisoformat(text)
        return instant if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Wrong("is a date or time that does not exist", _HINT) from None


def place(instant: datetime, zone: str) -> datetime:
    """Return the instant aware and in UTC; a naive one is read as local time of ``zone``.

    A local time that clocks skip becomes the instant of the switch; one that they show twice, the
    first of the two.

    Examples
    --------
    >>> place(datetime(2013, 1, 31), "America/New_York").isoformat()
    '2013-01-31T05:00:00+00:00'
    """
    aware = instant.replace(tzinfo=ZoneInfo(zone)) if instant.tzinfo is None else instant
    try:
        return aware.astimezone(UTC)
    except OverflowError:
        raise Wrong("is outside the years 1 to 9999", _HINT) from None


Instant = Annotated[
    datetime,
    Parsed(parse_instant, {"type": "string", "examples": ["2013-01-31", "2013-01-31T06:00:00Z"]}),
]
