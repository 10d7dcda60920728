"""Mute times: hours and days at which notices wait."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.alerts.matcher import meets
from monitor.alerts.subject import Subject
from monitor.config.mute_time import WEEKDAYS, Hours, MuteTimeConfig

_DAY = timedelta(days=1)
_WHOLE_DAY = Hours(timedelta(0), _DAY)


def muted(times: Iterable[MuteTimeConfig], subject: Subject, at: datetime) -> bool:
    """Tell whether notices about a subject wait at an instant."""
    return any(meets(time.match, subject) and covers(time, at) for time in times)


def covers(time: MuteTimeConfig, at: datetime) -> bool:
    """Tell whether an instant lies in a mute time, by the clocks on the wall of its time zone.

    Hours past midnight belong to the weekday they start on.

    Examples
    --------
    >>> from datetime import UTC
    >>> friday_night = MuteTimeConfig(weekdays=["fri"], hours="20:00-07:00")
    >>> covers(friday_night, datetime(2024, 3, 2, 6, 59, tzinfo=UTC))  # a Saturday
    True
    >>> covers(friday_night, datetime(2024, 3, 1, 6, 59, tzinfo=UTC))  # a Friday
    False
    """
    wall = at.astimezone(ZoneInfo(time.timezone)).replace(tzinfo=None)
    hours = time.hours or _WHOLE_DAY
    return any(_on(time, day) and hours.start <= wall - _midnight(day) < hours.end for day in _days(wall))


def _days(wall: datetime) -> tuple[date, date]:
    """Return the day and the one before, whose hours may reach into it."""
    return wall.date(), wall.date() - _DAY


def _on(time: MuteTimeConfig, day: date) -> bool:
    return not time.weekdays or WEEKDAYS[day.weekday()] in time.weekdays


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time())
