"""Instances become incidents: opening, joining, leaving, resolving, reopening."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.alerts.acknowledge import expired
from monitor.alerts.entry import Entry
from monitor.alerts.gravity import gravest, rank
from monitor.alerts.incident import Changed, Incident, dedup_key, noted
from monitor.alerts.instance import Instance
from monitor.alerts.kind import group_key
from monitor.alerts.member import Member, member_of
from monitor.domain.verdict import Severity


def assemble(
    last: Incident | None,
    instances: Iterable[Instance],
    at: datetime,
    *,
    cooldown: timedelta,
    cause: str | None = None,
) -> Changed:
    """Return the incident of a group key after its instances have moved on.

    Call it once a window: what fires and clears between two calls leaves no trace. The same call twice changes nothing
    the second time. An instance that is left out stays the member that it was.

    Parameters
    ----------
    last : Incident or None
        The latest of that key, whatever its state.
    instances : iterable of Instance
        Of that key: those that were stepped.
    at : datetime
        When: the present, or when the window was due if windows are caught up one after another.
    cooldown : timedelta
        A firing within so long after the resolve reopens ``last``.
    cause : str, optional
        ``revised`` when older windows were judged anew, told in place of ``recovered``.

    Returns
    -------
    Changed
        With no incident when there was none and none is needed.
    """
    moved = list(instances)
    known = {member.fingerprint: member for member in last.members} if last else {}
    members = (member_of(instance, known.get(instance.fingerprint)) for instance in moved)
    found = {member.fingerprint: member for member in members if member is not None}
    if last is not None and last.open:
        return _go_on(last, found, at, cause)
    fresh = _fresh(last, found)
    if not fresh:
        return Changed(last)
    if last is not None and _same(last, fresh, at, cooldown):
        return _reopen(last, fresh, at, cause)
    model, key = moved[0].model, group_key(moved[0].model, moved[0].labels)
    return _open(model, key, 1 if last is None else last.serial + 1, fresh, at, cause)


def _fresh(last: Incident | None, found: Mapping[str, Member]) -> tuple[Member, ...]:
    """Return what fires and is news to a resolved incident.

    One that fired already when a person resolved it is news only when it has breached again since.
    """
    known = {member.fingerprint: member for member in last.members if member.firing} if last else {}
    firing = [member for member in found.values() if member.firing]
    return tuple(m for m in firing if m.fingerprint not in known or _later(m, known[m.fingerprint]))


def _later(member: Member, known: Member) -> bool:
    return member.last_breach.end > known.last_breach.end


def _same(last: Incident, fresh: Iterable[Member], at: datetime, cooldown: timedelta) -> bool:
    """Tell whether what fires continues the last incident: it never cleared, or the cool-down still runs."""
    runs = {(member.fingerprint, member.fired) for member in last.members if member.firing}
    return any((member.fingerprint, member.fired) in runs for member in fresh) or (
        last.resolved_at is not None and at - last.resolved_at <= cooldown
    )


def _open(model: str, key: str, serial: int, fresh: tuple[Member, ...], at: datetime, cause: str | None) -> Changed:
    started_at = min(member.started.start for member in fresh)
    opened = Incident(
        key=key,
        model=model,
        dedup_key=dedup_key(key, serial, started_at),
        serial=serial,
        state="open",
        version=0,
        severity=_severity(fresh),
        opened_at=at,
        started_at=started_at,
        unacked_since=at,
        members=_sorted(fresh),
        reason=cause,
    )
    return noted(opened, Entry(at, "opened", severity=opened.severity, reason=cause), *_joined(fresh, at, cause))


def _reopen(last: Incident, fresh: tuple[Member, ...], at: datetime, cause: str | None) -> Changed:
    reopened = replace(
        last,
        state="open",
        severity=_severity(fresh),
        members=_sorted(fresh),
        reason=cause,
        resolved_at=None,
        resolved_by=None,
        reopen_count=last.reopen_count + 1,
        reopened_at=at,
        unacked_since=at,
    )
    return noted(reopened, Entry(at, "reopened", severity=reopened.severity, reason=cause), *_joined(fresh, at, cause))


def _go_on(last: Incident, found: Mapping[str, Member], at: datetime, cause: str | None) -> Changed:
    incident, entries = _moved(last, found, at, cause)
    if not incident.held:
        reason = cause or _common([entry.reason for entry in entries if entry.kind == "left"])
        resolved = replace(incident, state="resolved", resolved_at=at, reason=reason, acknowledgement=None)
        return noted(resolved, *entries, Entry(at, "resolved", severity=incident.severity, reason=reason))
    lapsed = expired(incident, at)
    incident, entries = lapsed.incident or incident, [*lapsed.entries, *entries]
    incident, risen = _weighed(incident, at)
    return noted(replace(incident, version=last.version), *entries, *risen)


def _moved(
    last: Incident, found: Mapping[str, Member], at: datetime, cause: str | None
) -> tuple[Incident, list[Entry]]:
    known = {member.fingerprint: member for member in last.members}
    new = {name: member for name, member in found.items() if name not in known and member.firing}
    members = {name: found.get(name, member) for name, member in known.items()} | new
    entries = _joined([m for name, m in sorted(members.items()) if m.held and not _held(known.get(name))], at, cause)
    for name, member in sorted(known.items()):
        now = members[name]
        if member.held and not now.held:
            entries.append(Entry(at, "left", fingerprint=name, reason=cause or now.reason))
        if member.flapping != now.flapping:
            entries.append(Entry(at, "flapping" if now.flapping else "settled", fingerprint=name))
    return replace(last, members=_sorted(members.values())), entries


def _held(member: Member | None) -> bool:
    return member is not None and member.held


def _weighed(incident: Incident, at: datetime) -> tuple[Incident, list[Entry]]:
    """Return the incident with the gravity of those that hold it; a rise breaks an acknowledgement."""
    severity = _severity(incident.held)
    if severity == incident.severity:
        return incident, []
    if rank(severity) < rank(incident.severity):
        return replace(incident, severity=severity), [Entry(at, "severity_down", severity=severity)]
    risen = [Entry(at, "severity_up", severity=severity)]
    if incident.acknowledgement is None:
        return replace(incident, severity=severity), risen
    broken = replace(incident, severity=severity, state="open", acknowledgement=None, unacked_since=at)
    return broken, [*risen, Entry(at, "ack_broken")]


def _joined(members: Iterable[Member], at: datetime, cause: str | None) -> list[Entry]:
    return [Entry(at, "joined", fingerprint=m.fingerprint, severity=m.severity, reason=cause) for m in members]


def _severity(members: Iterable[Member]) -> Severity:
    return gravest(member.severity for member in members) or "info"


def _sorted(members: Iterable[Member]) -> tuple[Member, ...]:
    return tuple(sorted(members, key=lambda member: member.fingerprint))


def _common(reasons: list[str | None]) -> str:
    found = {reason for reason in reasons if reason is not None}
    return found.pop() if len(found) == 1 else "recovered"
