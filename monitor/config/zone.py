"""IANA time zones."""

from difflib import get_close_matches
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from monitor.config.parsed import Parsed
from monitor.config.wrong import Wrong


def check_zone(value: object) -> str:
    """Return the name of a time zone that exists.

    Raises
    ------
    Wrong
        The name is not in the IANA database, or is not text.

    Examples
    --------
    >>> check_zone("America/New_York")
    'America/New_York'
    """
    if not isinstance(value, str):
        raise Wrong("is not a time zone", "write an IANA name, such as Europe/Berlin or UTC")
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Wrong("is not a known time zone", _hint(value)) from None
    return value


def _hint(value: str) -> str:
    names = {name.lower(): name for name in available_timezones()}
    cities = {name.rpartition("/")[2]: key for key, name in names.items() if "/" in name}
    text = value.strip().lower().replace(" ", "_")
    near = get_close_matches(text, sorted(names), n=1, cutoff=0.8)
    near = near or [cities[c] for c in sorted(cities) if c.lower() == text][:1]
    if near:
        return f"did you mean {names[near[0]]}?"
    return "write an IANA name, such as Europe/Berlin, America/New_York or UTC"


Zone = Annotated[
    str,
    Parsed(check_zone, {"type": "string", "examples": ["UTC", "Europe/Berlin"]}),
]
