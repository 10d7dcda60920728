"""Health: how a model's source fares, noted where every replica and `monitor status` see it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from monitor.errors import MonitorError, SourceError
from monitor.store import breakers, due, models
from monitor.store.models import StoredModel

WELL = (None, "ok", "clock_skew")  # states in which a log can be read
SERVER = ("unreachable", "timeout")  # faults of the whole server, whichever model meets them
FAULTS = (
    *SERVER, "permission_denied", "missing_table", "missing_column", "wrong_type", "unreadable",
)  # fmt: skip


def answered(conn: Connection, stored: StoredModel, now: datetime) -> int:
    """Note that a model's log can be read; what had failed for want of it is due again. Returns how many windows."""
    again = 0
    if stored.source_state not in WELL:
        models.note_source(conn, stored.id, None, None, now)
        again += due.again(conn, stored.id, FAULTS)
    if stored.source_key is not None and breakers.answered(conn, stored.source_key, now):
        for other in models.every(conn):
            if other.source_key == stored.source_key:
                again += due.again(conn, other.id, SERVER)
    return again


def faulted(conn: Connection, stored: StoredModel, error: MonitorError, now: datetime) -> bool:
    """Note what is wrong with a model's log; returns whether its source is left alone for a while now."""
    state = error.state if isinstance(error, SourceError) else "failed"
    models.note_source(conn, stored.id, state, str(error), now)
    if state in SERVER and stored.source_key is not None:
        return breakers.failed(conn, stored.source_key, state, str(error), now)
    return False
