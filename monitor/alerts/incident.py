"""An incident: everything that is wrong with one model at one time, told as one thing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from monitor.alerts.entry import Entry
from monitor.alerts.fingerprint import digest
from monitor.alerts.member import Member
from monitor.domain.verdict import Severity

State = Literal["open", "acknowledged", "resolved"]

LEAST_COOLDOWN = timedelta(hours=24)
COOLDOWN_WINDOWS = 6


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """That somebody looks after it, until when."""

    actor: str
    at: datetime
    expires_at: datetime
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """The instances of one group key that fire together.

    ``dedup_key`` stays the same over all reopenings; ``serial`` counts the incidents of the key. ``version`` grows with
    each entry of the timeline. ``severity`` is the gravest of the members that hold it open. ``started_at`` is when the
    first breach run began, ``opened_at`` when it was confirmed, ``unacked_since`` since when nobody has looked after
    it, from where escalation counts. ``members`` are those of this episode, also those that have left.
    """

    key: str
    model: str
    dedup_key: str
    serial: int
    state: State
    version: int
    severity: Severity
    opened_at: datetime
    started_at: datetime
    unacked_since: datetime
    members: tuple[Member, ...]
    reason: str | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    reopen_count: int = 0
    reopened_at: datetime | None = None
    acknowledgement: Acknowledgement | None = None
    ack_expirations: int = 0

    @property
    def open(self) -> bool:
        """Whether it is not resolved, acknowledged or not."""
        return self.state != "resolved"

    @property
    def no_data(self) -> bool:
        """Whether it is that of a model's no-data family."""
        return self.key != self.model

    @property
    def held(self) -> tuple[Member, ...]:
        """The members that keep it open."""
        return tuple(member for member in self.members if member.held)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of its members, each once."""
        named = (member.labels.get("column") for member in self.members)
        return tuple(dict.fromkeys(column for column in named if column is not None))


@dataclass(frozen=True, slots=True)
class Changed:
    """An incident and the entries that a call added to its timeline; none when nothing changed."""

    incident: Incident | None
    entries: tuple[Entry, ...] = ()


def cooldown(window: timedelta) -> timedelta:
    """Return within which time a new firing reopens the last incident: 24 hours or 6 windows, the longer.

    Examples
    --------
    >>> cooldown(timedelta(hours=1)), cooldown(timedelta(days=7))
    (datetime.timedelta(days=1), datetime.timedelta(days=42))
    """
    return max(LEAST_COOLDOWN, COOLDOWN_WINDOWS * window)


def dedup_key(key: str, serial: int, started_at: datetime) -> str:
    """Return what receivers know an incident by: 32 hexadecimal digits that never change while it lives."""
    return digest({"key": key, "serial": serial, "started_at": started_at.isoformat()})[:32]


def noted(incident: Incident, *entries: Entry) -> Changed:
    """Return the incident with its version raised by so many entries."""
    return Changed(replace(incident, version=incident.version + len(entries)), entries)
