"""Incidents that are long over and notices long settled: which may go, and their going."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, exists, func, or_, select

from monitor.store.alert_tables import incidents, ledgers, outbox, timeline


def old_incidents(conn: Connection, model_id: int, before: datetime) -> list[str]:
    """Return a model's incidents that were resolved before an instant, oldest first; the last of each key stays.

    The next incident of the key is numbered after it, and may be it again.
    """
    other = incidents.alias("other")
    last = select(func.max(other.c.serial)).where(other.c.key == incidents.c.key).scalar_subquery()
    chosen = select(incidents.c.id).where(
        incidents.c.model_id == model_id,
        incidents.c.state == "resolved",
        incidents.c.resolved_at < before,
        incidents.c.serial < last,
    )
    return list(conn.execute(chosen.order_by(incidents.c.opened_at, incidents.c.id)).scalars())


def old_notices(conn: Connection, model_id: int, before: datetime) -> list[str]:
    """Return the notices of a model's incidents, and the digests, that were settled before an instant, oldest first.

    Of an open incident the last one to each receiver stays: it may have to be said again.
    """
    later = outbox.alias("later")
    mine = select(incidents.c.id).where(incidents.c.model_id == model_id)
    over = mine.where(incidents.c.state == "resolved")
    newer = exists().where(
        later.c.incident_id == outbox.c.incident_id,
        later.c.receiver == outbox.c.receiver,
        later.c.seq > outbox.c.seq,
        later.c.state == "delivered",
    )
    digest = outbox.c.incident_id.is_(None)
    done = outbox.c.settled_at < before, outbox.c.state.in_(("delivered", "cancelled", "dead"))
    gone = or_(digest, outbox.c.incident_id.in_(over), outbox.c.incident_id.in_(mine) & newer)
    chosen = select(outbox.c.id).where(*done, gone)
    return list(conn.execute(chosen.order_by(outbox.c.settled_at, outbox.c.id)).scalars())


def remove_incidents(conn: Connection, numbers: Collection[str]) -> int:
    """Remove incidents that are still resolved with their timelines and what was told of them; returns how many."""
    held = select(incidents.c.id).where(incidents.c.id.in_(numbers), incidents.c.state == "resolved").with_for_update()
    free = list(conn.execute(held).scalars())
    for table in (outbox, ledgers, timeline):
        conn.execute(delete(table).where(table.c.incident_id.in_(free)))
    conn.execute(delete(incidents).where(incidents.c.id.in_(free)))
    return len(free)


def remove_notices(conn: Connection, numbers: Collection[str]) -> int:
    """Remove notices that are settled; returns how many."""
    settled = outbox.c.id.in_(numbers), outbox.c.settled_at.is_not(None)
    return len(conn.execute(delete(outbox).where(*settled).returning(outbox.c.id)).all())
