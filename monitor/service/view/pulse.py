"""The pulse: a short text that is another one as soon as something that pages show was stored."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from monitor.store.alert_tables import incidents, silences
from monitor.store.changes import COUNTER
from monitor.store.engine import Store
from monitor.store.tables import counters

MINUTE = 60  # seconds: what depends on the clock alone, such as lateness, is that old at most


def pulse(store: Store, now: datetime) -> str:
    """Return the version of the store as pages know it: three small queries, whatever is stored.

    Measured windows, incidents, what people do to them and silences change it, and the minute does: a model
    becomes late without anything being stored.

    Parameters
    ----------
    now : datetime
        The present.
    """
    with store.read() as conn:
        windows = conn.execute(select(counters.c.value).where(counters.c.name == COUNTER)).scalar()
        number, moves = conn.execute(select(func.count(), func.sum(incidents.c.version))).one()
        quiet, last = conn.execute(select(func.count(), func.max(silences.c.ends_at))).one()
    until = int(last.timestamp()) if last is not None else 0
    return f"{windows or 0}.{number}.{moves or 0}.{quiet}.{until}.{int(now.timestamp()) // MINUTE}"
