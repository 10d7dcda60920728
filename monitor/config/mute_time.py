"""Hours and days at which nobody is told."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from pydantic import Field, model_validator

from monitor.config.name import Name
from monitor.config.parsed import Parsed
from monitor.config.route import Match
from monitor.config.section import Section
from monitor.config.wrong import Wrong
from monitor.config.zone import Zone

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)\s*[-–]\s*([01]?\d|2[0-4]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Hours:
    """Times of day from ``start`` up to ``end``, as lengths since midnight.

    ``end`` is beyond 24 hours when they run past midnight: they belong to the day they start on.
    """

    start: timedelta
    end: timedelta


def parse_hours(value: object) -> Hours:
    """Return the hours that a text such as ``20:00-07:00`` means.

    Examples
    --------
    >>> parse_hours("20:00-07:00").end
    datetime.timedelta(days=1, seconds=25200)
    """
    if isinstance(value, Hours):
        return value
    hint = 'write "20:00-07:00"'
    match = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise Wrong("is not a range of hours", hint)
    first, second, third, fourth = map(int, match.groups())
    start, end = timedelta(hours=first, minutes=second), timedelta(hours=third, minutes=fourth)
    day = timedelta(days=1)
    if start >= day or end > day or start == end:
        raise Wrong("is not a range of hours", f'{hint}, or "00:00-24:00" for a whole day')
    return Hours(start, end if end > start else end + day)


def parse_weekday(value: object) -> str:
    """Return the short name of a day of the week.

    Examples
    --------
    >>> parse_weekday("Saturday")
    'sat'
    """
    name = value.strip().lower() if isinstance(value, str) else ""
    if name in WEEKDAYS:
        return name
    if name in _FULL:
        return name[:3]
    raise Wrong("is not a day of the week", f"write one of {', '.join(WEEKDAYS)}")


Weekday = Annotated[
    str,
    Parsed(parse_weekday, {"type": "string", "enum": [*WEEKDAYS, *_FULL]}),
]
HoursField = Annotated[
    Hours,
    Parsed(parse_hours, {"type": "string", "examples": ["20:00-07:00"]}),
]


class MuteTimeConfig(Section):
    """When notices of the incidents that ``match`` wait; both ``weekdays`` and ``hours`` must fit."""

    name: Name | None = None
    match: Match = Field(default_factory=dict)
    weekdays: tuple[Weekday, ...] = ()
    hours: HoursField | None = None
    timezone: Zone = "UTC"

    @model_validator(mode="after")
    def _some_time(self) -> "MuteTimeConfig":
        if not self.weekdays and self.hours is None:
            raise Wrong(
                "has neither weekdays nor hours",
                'add weekdays: [sat, sun] or hours: "20:00-07:00"',
                shown=False,
            )
        return self
