"""What an answer's status means for the notice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from monitor.notify.egress import Answer
from monitor.notify.outcome import Failed, Outcome, Retry, Sent
from monitor.notify.schedule import LONGEST_ASKED

_LATER = {408, 425, 429}
_GONE = 410


def outcome_of(answer: Answer, now: datetime) -> Outcome:
    """Return whether a notice arrived, may arrive later, or never will.

    2xx arrived. 408, 425, 429 and 5xx may later, after what ``Retry-After`` asks, at most an hour. 410 asks for
    silence. All else never will; a redirect is not followed.

    Examples
    --------
    >>> outcome_of(Answer(429, "120"), datetime(2026, 1, 1, tzinfo=UTC)).after.total_seconds()
    120.0
    >>> outcome_of(Answer(410), datetime(2026, 1, 1, tzinfo=UTC)).disable
    True
    """
    status = answer.status
    if 200 <= status < 300:
        return Sent()
    if status in _LATER or status >= 500:
        return Retry(f"HTTP {status}", asked_wait(answer.retry_after, now), status)
    why = f"HTTP {status}, a redirect, which is never followed" if 300 <= status < 400 else f"HTTP {status}"
    return Failed(why, disable=status == _GONE, status=status)


def asked_wait(text: str | None, now: datetime) -> timedelta | None:
    """Return how long a header ``Retry-After`` asks to wait, at most an hour; None when it says nothing clear.

    Examples
    --------
    >>> asked_wait("Thu, 01 Jan 2026 00:00:30 GMT", datetime(2026, 1, 1, tzinfo=UTC)).total_seconds()
    30.0
    >>> asked_wait("86400", datetime(2026, 1, 1, tzinfo=UTC)).total_seconds()
    3600.0
    >>> asked_wait("soon", datetime(2026, 1, 1, tzinfo=UTC)) is None
    True
    """
    if text is None:
        return None
    digits = text.strip()
    if digits.isascii() and digits.isdigit():
        return min(timedelta(seconds=int(digits[:9])), LONGEST_ASKED)
    try:
        named = parsedate_to_datetime(digits)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    until = named if named.tzinfo else named.replace(tzinfo=UTC)
    return min(max(until - now, timedelta(0)), LONGEST_ASKED)
