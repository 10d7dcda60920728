"""Silences: what somebody has asked not to hear of for a while, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.alerts.matcher import Matcher, fit
from monitor.alerts.subject import Subject
from monitor.errors import UsageError

LONGEST = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Silence:
    """That instances which fit all ``matchers`` are told to nobody in ``[starts_at, ends_at)``.

    It is never edited: a change ends it and makes another, which ``replaces`` it.
    """

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    author: str
    reason: str
    created_at: datetime
    replaces: str | None = None

    def active(self, at: datetime) -> bool:
        """Tell whether it holds at an instant."""
        return self.starts_at <= at < self.ends_at

    def covers(self, subject: Subject, at: datetime) -> bool:
        """Tell whether a subject is not to be heard of at an instant."""
        return self.active(at) and fit(self.matchers, subject)


def silence(
    name: str,
    matchers: Iterable[Matcher],
    *,
    starts_at: datetime,
    ends_at: datetime,
    author: str,
    reason: str,
    at: datetime,
    replaces: str | None = None,
) -> Silence:
    """Return a new silence.

    Raises
    ------
    UsageError
        It has no matcher that narrows it, no reason or no author, ends before it starts or is past, or lasts more than
        30 days.
    """
    chosen = tuple(matchers)
    if not any(matcher.value.strip("*") for matcher in chosen):
        raise UsageError("a silence needs a matcher that is not empty", "add one such as model=fraud")
    if not reason.strip() or not author.strip():
        raise UsageError("a silence needs an author and a reason", "say why nobody should be told")
    if ends_at <= starts_at or ends_at <= at:
        raise UsageError("the silence would end before it starts, or be over already", "choose a later end")
    if ends_at - max(starts_at, at) > LONGEST:
        raise UsageError("a silence lasts at most 30 days", "choose an earlier end, or change the rule")
    return Silence(name, chosen, starts_at, ends_at, author, reason, at, replaces)


def expire(known: Silence, at: datetime) -> Silence:
    """Return the silence ended at an instant; one that is over stays as it was, one to come never starts.

    Examples
    --------
    >>> from datetime import UTC
    >>> noon = datetime(2024, 1, 1, 12, tzinfo=UTC)
    >>> night = silence("s", [Matcher("model", "=", "m")], starts_at=noon, ends_at=noon + timedelta(hours=2),
    ...                 author="ann", reason="migration", at=noon)
    >>> expire(night, noon + timedelta(hours=1)).active(noon + timedelta(hours=1))
    False
    """
    if at >= known.ends_at:
        return known
    return replace(known, starts_at=min(known.starts_at, at), ends_at=at)


def covered(silences: Iterable[Silence], subject: Subject, at: datetime) -> bool:
    """Tell whether one of the silences covers a subject at an instant."""
    return any(known.covers(subject, at) for known in silences)
