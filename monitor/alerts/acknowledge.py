"""What people do to an incident: acknowledge it, take that back, resolve it.

Each is an event of the incident, never of its instances, and none needs doing twice: the second time changes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from monitor.alerts.entry import Entry
from monitor.alerts.incident import Acknowledgement, Changed, Incident, noted
from monitor.errors import MonitorError, UsageError

DEFAULT_ACK = timedelta(hours=24)
LONGEST_ACK = timedelta(days=7)
AGAIN = timedelta(minutes=1)  # whoever asks for the same end within it has asked twice


class StaleVersionError(MonitorError):
    """Somebody or something has changed the incident since it was looked at; ``incident`` is as it is now."""

    def __init__(self, incident: Incident, version: int) -> None:
        super().__init__(
            f"the incident is at version {incident.version}, not {version}",
            f"it is {incident.state} now: look at it again, then repeat",
        )
        self.incident = incident


def acknowledge(
    incident: Incident,
    *,
    actor: str,
    at: datetime,
    note: str | None = None,
    expires_at: datetime | None = None,
    version: int | None = None,
) -> Changed:
    """Return the incident with somebody looking after it: no repeats and no escalation until ``expires_at``.

    Nothing changes when the same person asks again without a new note, for as long or without saying how long.

    Parameters
    ----------
    expires_at : datetime, optional
        24 hours from ``at`` when not given, at most 7 days.
    version : int, optional
        The version that the person saw; not compared when None.

    Raises
    ------
    StaleVersionError
        The incident has another version by now.
    UsageError
        It is resolved, or ``expires_at`` is past or too far.
    """
    _check(incident, version)
    if not incident.open:
        raise UsageError("the incident is resolved", "only an open incident can be acknowledged")
    until = expires_at or at + DEFAULT_ACK
    if not at < until <= at + LONGEST_ACK:
        raise UsageError("an acknowledgement ends after it begins, within 7 days", "choose a time within 7 days")
    known = incident.acknowledgement
    if known is not None and known.actor == actor and note in (None, known.note):
        if expires_at is None or abs(expires_at - known.expires_at) < AGAIN:
            return Changed(incident)
        note = known.note
    taken = replace(incident, state="acknowledged", acknowledgement=Acknowledgement(actor, at, until, note))
    return noted(taken, Entry(at, "acknowledged", actor=actor, note=note))


def unacknowledge(
    incident: Incident, *, actor: str, at: datetime, note: str | None = None, version: int | None = None
) -> Changed:
    """Return the incident with nobody looking after it: repeats and escalation begin anew.

    Raises
    ------
    StaleVersionError
        The incident has another version by now.
    """
    _check(incident, version)
    if incident.acknowledgement is None:
        return Changed(incident)
    freed = replace(incident, state="open", acknowledgement=None, unacked_since=at)
    return noted(freed, Entry(at, "unacknowledged", actor=actor, note=note))


def resolve(
    incident: Incident, *, actor: str, at: datetime, note: str | None = None, version: int | None = None
) -> Changed:
    """Return the incident closed by a person; its members still fire, and the next breach of one reopens it.

    Raises
    ------
    StaleVersionError
        The incident has another version by now.
    """
    _check(incident, version)
    if not incident.open:
        return Changed(incident)
    closed = replace(
        incident, state="resolved", resolved_at=at, resolved_by=actor, reason="manual", acknowledgement=None
    )
    entry = Entry(at, "resolved", actor=actor, note=note, severity=incident.severity, reason="manual")
    return noted(closed, entry)


def expired(incident: Incident, at: datetime) -> Changed:
    """Return the incident without its acknowledgement once that has run out."""
    known = incident.acknowledgement
    if known is None or at < known.expires_at:
        return Changed(incident)
    freed = replace(
        incident,
        state="open",
        acknowledgement=None,
        unacked_since=known.expires_at,
        ack_expirations=incident.ack_expirations + 1,
    )
    return noted(freed, Entry(known.expires_at, "ack_expired", actor=known.actor))


def silenced(incident: Incident, *, actor: str, at: datetime, reason: str) -> Changed:
    """Return the incident with a line in its timeline about a silence that covers it."""
    return noted(incident, Entry(at, "silenced", actor=actor, note=reason))


def _check(incident: Incident, version: int | None) -> None:
    if version is not None and version != incident.version:
        raise StaleVersionError(incident, version)
