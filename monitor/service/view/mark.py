"""Marks: what happened while numbers were taken: incidents, new versions of the model, new references."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from monitor.domain.verdict import Severity
from monitor.service.view.past import Past
from monitor.store import points, references
from monitor.store.alert_tables import incidents

MOST = 50


@dataclass(frozen=True, slots=True)
class Stretch:
    """An incident: from when its first breach began until it was resolved, None while it is open."""

    id: str
    severity: Severity
    start: datetime
    end: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Something that happened at an instant: the first window of a version, or a new reference."""

    at: datetime
    text: str


@dataclass(frozen=True)
class Marks:
    """What lies within a past, oldest first, and the period of the reference where that is one of the own log."""

    incidents: tuple[Stretch, ...]
    ticks: tuple[Tick, ...]
    reference: tuple[datetime, datetime] | None = None


def marks(conn: Connection, past: Past) -> Marks:
    """Return what happened between the first and the last window of a past."""
    if not past.windows:
        return Marks((), ())
    begin, end = past.windows[0].window.start, past.windows[-1].window.end
    chosen = select(incidents).where(incidents.c.model_id == past.model.id, incidents.c.opened_at < end)
    found = [
        Stretch(row.id, row.severity, row.opened_at, row.resolved_at, row.state)
        for row in conn.execute(chosen.order_by(incidents.c.opened_at.desc()).limit(MOST))
        if row.resolved_at is None or row.resolved_at > begin
    ]
    ticks = [tick for tick in (*_versions(conn, past), *_references(conn, past)) if begin < tick.at < end]
    kept = past.windows[-1].outcome.reference_id
    frozen = references.period(conn, kept) if kept is not None else None
    return Marks(tuple(found[::-1]), tuple(sorted(ticks, key=lambda tick: tick.at)), frozen)


def _versions(conn: Connection, past: Past) -> list[Tick]:
    """Return where each version of the model begins: a deployment."""
    named = {n: key.version for n, key in past.keys.items() if key.metric == "row_count" and key.version}
    firsts = points.firsts(conn, [n for n in named if past.keys[n].column is None and past.keys[n].group is None])
    at = {run.id: run.window.start for run in past.windows}
    return [Tick(at[run], f"version {named[number]}") for number, run in firsts.items() if run in at]


def _references(conn: Connection, past: Past) -> list[Tick]:
    """Return when later references came into force: a promotion."""
    return [Tick(one.created_at, f"reference {one.version}") for one in references.history(conn, past.model.id)[1:]]
