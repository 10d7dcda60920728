"""Lengths of time as people write them: ``10s 5m 2h 3d 1w``."""

import re
from datetime import timedelta
from typing import Annotated

from monitor.config.parsed import Parsed
from monitor.config.wrong import Wrong

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SHAPE = re.compile(r"(\d{1,9})\s*([smhdw])")
_LONGEST = timedelta(days=36525)


def parse_duration(value: object) -> timedelta:
    """Return the length that a text such as ``90m`` means.

    Parameters
    ----------
    value : str or timedelta
        A whole number and one of the units s, m, h, d, w; at most 100 years.

    Raises
    ------
    Wrong
        The value has another shape or no unit.

    Examples
    --------
    >>> parse_duration("36h")
    datetime.timedelta(days=1, seconds=43200)
    """
    if isinstance(value, timedelta):
        return value
    match = _SHAPE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise Wrong(
            "is not a duration",
            "write a whole number and a unit, one of s m h d w, such as 10s, 5m, 2h, 3d or 1w",
        )
    seconds = int(match[1]) * _SECONDS[match[2]]
    if seconds > _LONGEST.total_seconds():
        raise Wrong("is longer than 100 years", "write a shorter duration, such as 30d")
    return timedelta(seconds=seconds)


def _parse_positive(value: object) -> timedelta:
    length = parse_duration(value)
    if length <= timedelta(0):
        raise Wrong("is no time at all", "write a duration above zero, such as 5m or 30d")
    return length


_SCHEMA = {"type": "string", "pattern": r"^\s*\d{1,9}\s*[smhdw]\s*$", "examples": ["5m", "30d"]}

Duration = Annotated[timedelta, Parsed(parse_duration, _SCHEMA)]
PositiveDuration = Annotated[timedelta, Parsed(_parse_positive, _SCHEMA)]
