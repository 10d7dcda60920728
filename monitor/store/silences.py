"""Silences as they were made; ending one is the only change there is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from monitor.alerts.saved import dump, load
from monitor.alerts.silence import Silence
from monitor.store.alert_tables import silences
from monitor.store.conflict import insert


def save(conn: Connection, found: Silence) -> None:
    """Store a silence, in place of itself if it is there."""
    values = {
        "starts_at": found.starts_at,
        "ends_at": found.ends_at,
        "created_at": found.created_at,
        "silence": dump(found),
    }
    row = insert(conn, silences).values(id=found.id, **values)
    conn.execute(row.on_conflict_do_update(index_elements=["id"], set_=values))


def get(conn: Connection, number: str) -> Silence | None:
    """Return the silence with this number; None when there is none."""
    found = conn.execute(select(silences.c.silence).where(silences.c.id == number)).scalar()
    return None if found is None else load(Silence, found)


def every(conn: Connection, *, after: datetime | None = None) -> list[Silence]:
    """Return silences in the order they were made; with ``after`` those that end later."""
    chosen = select(silences.c.silence).order_by(silences.c.created_at, silences.c.id)
    if after is not None:
        chosen = chosen.where(silences.c.ends_at > after)
    return [load(Silence, text) for text in conn.execute(chosen).scalars()]
