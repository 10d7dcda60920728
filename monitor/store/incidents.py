"""Incidents and their timelines; nothing of either is ever changed in silence: each entry is a version."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from monitor.alerts.acknowledge import StaleVersionError
from monitor.alerts.entry import Entry
from monitor.alerts.incident import Changed, Incident
from monitor.alerts.kind import MISSING
from monitor.alerts.saved import dump, load
from monitor.store.alert_tables import incidents, timeline
from monitor.store.conflict import insert

PREFIX = "inc_"


@dataclass(frozen=True, slots=True)
class StoredIncident:
    """An incident with its number for people and links."""

    id: str
    model_id: int
    incident: Incident


def save(conn: Connection, model_id: int, changed: Changed) -> StoredIncident | None:
    """Store what became of an incident and the new entries of its timeline; None when there is none.

    Raises
    ------
    StaleVersionError
        Somebody else has changed it since it was read; nothing may be committed.
    """
    incident = changed.incident
    if incident is None:
        return None
    number = PREFIX + incident.dedup_key
    before = incident.version - len(changed.entries)
    _write(conn, number, model_id, incident, before)  # without entries too: members move on with every window
    if changed.entries:
        conn.execute(insert(conn, timeline), [_entry(number, before + 1 + i, e) for i, e in enumerate(changed.entries)])
    return StoredIncident(number, model_id, incident)


def get(conn: Connection, number: str, *, lock: bool = False) -> StoredIncident | None:
    """Return the incident with this number; None when there is none. ``lock`` keeps it so until the end."""
    chosen = select(incidents).where(incidents.c.id == number)
    row = conn.execute(chosen.with_for_update(key_share=True) if lock else chosen).first()
    return None if row is None else _read(row)


def beginning(conn: Connection, text: str, *, limit: int = 10) -> list[str]:
    """Return the numbers that begin with a text, the newest incident first."""
    like = incidents.c.id.startswith(text, autoescape=True)
    chosen = select(incidents.c.id).where(like).order_by(incidents.c.opened_at.desc(), incidents.c.id)
    return list(conn.execute(chosen.limit(limit)).scalars())


def latest(conn: Connection, key: str) -> StoredIncident | None:
    """Return the last incident of a group key, whatever its state; None when there never was one."""
    chosen = select(incidents).where(incidents.c.key == key).order_by(incidents.c.serial.desc()).limit(1)
    row = conn.execute(chosen.with_for_update(key_share=True)).first()
    return None if row is None else _read(row)


def every(
    conn: Connection,
    *,
    model_ids: Collection[int] | None = None,
    resolved: bool = False,
    since: datetime | None = None,
    limit: int | None = None,
) -> list[StoredIncident]:
    """Return incidents, the newest first; those resolved only when asked for."""
    chosen = select(incidents).order_by(incidents.c.opened_at.desc(), incidents.c.id).limit(limit)
    if model_ids is not None:
        chosen = chosen.where(incidents.c.model_id.in_(model_ids))
    if not resolved:
        chosen = chosen.where(incidents.c.state != "resolved")
    if since is not None:
        chosen = chosen.where(incidents.c.opened_at >= since)
    return [_read(row) for row in conn.execute(chosen)]


def of_numbers(conn: Connection, numbers: Sequence[str]) -> list[StoredIncident]:
    """Return the incidents with these numbers, in their order."""
    found = {row.id: _read(row) for row in conn.execute(select(incidents).where(incidents.c.id.in_(numbers)))}
    return [found[number] for number in numbers if number in found]


def recent(conn: Connection, since: datetime) -> list[StoredIncident]:
    """Return the incidents that are open and those resolved since an instant, oldest first."""
    chosen = select(incidents).where(or_(incidents.c.state != "resolved", incidents.c.resolved_at >= since))
    return [_read(row) for row in conn.execute(chosen.order_by(incidents.c.opened_at, incidents.c.id))]


def missing_data(conn: Connection) -> frozenset[int]:
    """Return the models, by their number, whose incident about missing data is open."""
    chosen = select(incidents.c.model_id).where(incidents.c.state != "resolved", incidents.c.key.endswith(MISSING))
    return frozenset(conn.execute(chosen).scalars())


def entries(conn: Connection, number: str) -> list[Entry]:
    """Return the timeline of an incident, oldest first."""
    chosen = select(timeline).where(timeline.c.incident_id == number).order_by(timeline.c.version)
    return [
        Entry(row.at, row.kind, row.actor, row.note, row.fingerprint, row.severity, row.reason)
        for row in conn.execute(chosen)
    ]


def _write(conn: Connection, number: str, model_id: int, incident: Incident, before: int) -> None:
    values = {
        "model_id": model_id,
        "key": incident.key,
        "serial": incident.serial,
        "version": incident.version,
        "state": incident.state,
        "severity": incident.severity,
        "opened_at": incident.opened_at,
        "resolved_at": incident.resolved_at,
        "incident": dump(incident),
    }
    row = insert(conn, incidents).values(id=number, **values)
    written = row.on_conflict_do_update(
        index_elements=["id"], set_=values, where=incidents.c.version == before
    ).returning(incidents.c.id)
    if conn.execute(written).first() is None:
        now = get(conn, number)
        raise StaleVersionError(now.incident if now else incident, before)


def _entry(number: str, version: int, entry: Entry) -> dict[str, Any]:
    return {
        "incident_id": number, "version": version, "at": entry.at, "kind": entry.kind, "actor": entry.actor,
        "note": entry.note, "fingerprint": entry.fingerprint, "severity": entry.severity, "reason": entry.reason,
    }  # fmt: skip


def _read(row: Row[Any]) -> StoredIncident:
    return StoredIncident(row.id, row.model_id, load(Incident, row.incident))
