"""Places in a list that is sorted by an instant and an id: cursors that say nothing to those who hold them."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime

from monitor.api.problem import Problem

LONGEST = 200


def cursor(at: datetime, number: str) -> str:
    """Return the text of a place.

    Examples
    --------
    >>> place(cursor(datetime(2026, 1, 1, tzinfo=UTC), "rec_1"))
    (datetime.datetime(2026, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), 'rec_1')
    """
    return urlsafe_b64encode(f"{at.astimezone(UTC).isoformat()} {number}".encode()).decode().rstrip("=")


def place(text: str) -> tuple[datetime, str]:
    """Return the place that a text means.

    Raises
    ------
    Problem
        It is none: 400.
    """
    try:
        at, _, number = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").partition(" ")
        instant = datetime.fromisoformat(at)
    except (ValueError, binascii.Error):
        raise _bad() from None
    if not number or instant.tzinfo is None:
        raise _bad()
    return instant.astimezone(UTC), number


def _bad() -> Problem:
    return Problem(400, "bad-cursor", "The cursor is none that was given out; begin without one.")
