"""The incidents of the demo: which of them tells of which planted fault, and since when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.alerts.kind import kind_of
from monitor.alerts.member import Member
from monitor.service.demo.samples import Fault
from monitor.service.notices.words import subject_of
from monitor.store import incidents as stored_incidents
from monitor.store import models
from monitor.store.engine import Store
from monitor.store.incidents import StoredIncident

AFTER = timedelta(days=2)  # a fault is still confirmed by windows that end so long after it


@dataclass(frozen=True)
class Caught:
    """A planted fault and what told of it: the incident, its member, and when that fired; None where nothing did."""

    model: str
    fault: Fault
    incident: str | None = None
    about: str | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Opened:
    """An incident of the demo; ``stray`` when it opened, or was joined, while nothing planted was going on."""

    model: str
    id: str
    severity: str
    opened_at: datetime
    resolved_at: datetime | None
    columns: tuple[str, ...]
    members: int
    first: str
    stray: bool


@dataclass(frozen=True)
class _Joined:
    """A member that fired, as often as it did, at an instant."""

    at: datetime
    incident: str
    member: Member


def caught(store: Store, model: str, faults: Sequence[Fault]) -> list[Caught]:
    """Return what told of each fault planted in a model's log: what comes nearest to it, the first of that."""
    joined = [one for found in _stored(store, model) for one in _joined(store, found)]
    return [_told(model, fault, joined) for fault in faults]


def incidents(store: Store, model: str, faults: Sequence[Fault]) -> list[Opened]:
    """Return the incidents of a model, the oldest first."""
    listed = []
    for found in _stored(store, model):
        one, joined = found.incident, list(_joined(store, found))
        stray = any(not any(_during(each.at, fault) for fault in faults) for each in joined)
        first = min(joined, key=lambda each: each.at).member if joined else one.members[0]
        listed.append(
            Opened(
                model,
                found.id,
                one.severity,
                one.opened_at,
                one.resolved_at,
                one.columns,
                len(one.members),
                subject_of(first),
                stray,
            )
        )
    return listed


def _stored(store: Store, model: str) -> list[StoredIncident]:
    with store.read() as conn:
        stored = models.find(conn, model)
        found = stored_incidents.every(conn, model_ids=[stored.id], resolved=True) if stored else []
    return sorted(found, key=lambda one: one.incident.opened_at)


def _joined(store: Store, found: StoredIncident) -> Iterator[_Joined]:
    known = {member.fingerprint: member for member in found.incident.members}
    with store.read() as conn:
        for entry in stored_incidents.entries(conn, found.id):
            if entry.kind == "joined" and entry.fingerprint in known:
                yield _Joined(entry.at, found.id, known[entry.fingerprint])


def _during(at: datetime, fault: Fault) -> bool:
    return fault.begins < at <= fault.ends + AFTER


def _told(model: str, fault: Fault, joined: Sequence[_Joined]) -> Caught:
    inside = [one for one in joined if _during(one.at, fault) and _nearness(one.member, fault)]
    if not inside:
        return Caught(model, fault)
    best = min(inside, key=lambda one: (-_nearness(one.member, fault), one.at))
    return Caught(model, fault, best.incident, subject_of(best.member), best.at)


def _nearness(member: Member, fault: Fault) -> int:
    """Return how near a member is to what was planted: its very number, its column, its rows, its kind; 0 for none."""
    labels = member.labels
    column, group = labels.get("column"), dict(fault.group or {})
    mine = {key: value for key, value in labels.items() if key in group}
    if fault.column is not None:
        return (column == fault.column) * (3 + (labels.get("metric") == fault.metric))
    if labels.get("metric") == fault.metric and mine == group:
        return 4
    alike = kind_of(labels) == kind_of({"metric": fault.metric}) and column is None
    return alike * (2 if group and mine == group else 1)
