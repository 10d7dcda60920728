"""Circuit breakers: a source that does not answer is left alone by every replica until it is time for one probe."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from monitor.store.conflict import insert
from monitor.store.tables import models, sources

OPENS_AFTER = 3  # failures in a row
REST = (timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=5))


@dataclass(frozen=True, slots=True)
class Breaker:
    """How a source fares: ``state`` names its fault, ``retry_at`` is when it is asked again, None while it is."""

    key: str
    state: str | None
    error: str | None
    failures: int
    retry_at: datetime | None
    checked_at: datetime | None


def attach(conn: Connection, model_id: int, key: str) -> None:
    """Say which source a model reads."""
    conn.execute(insert(conn, sources).values(key=key).on_conflict_do_nothing())
    other = models.c.id == model_id, models.c.source_key.is_distinct_from(key)
    conn.execute(update(models).where(*other).values(source_key=key))


def failed(conn: Connection, key: str, state: str, error: str, now: datetime) -> bool:
    """Count a failure; returns whether the source is left alone now."""
    more = sources.c.failures + 1
    counted = update(sources).where(sources.c.key == key)
    counted = counted.values(state=state, error=error, failures=more, checked_at=now).returning(sources.c.failures)
    failures: int = conn.execute(counted).scalar() or 0
    if failures < OPENS_AFTER:
        return False
    rest = REST[min(failures - OPENS_AFTER, len(REST) - 1)]
    conn.execute(update(sources).where(sources.c.key == key).values(retry_at=now + rest))
    return True


def answered(conn: Connection, key: str, now: datetime) -> bool:
    """Note that a source answers; returns whether it had not before."""
    broken = sources.c.key == key, sources.c.failures > 0
    values = {"state": None, "error": None, "failures": 0, "retry_at": None, "checked_at": now}
    return conn.execute(update(sources).where(*broken).values(values).returning(sources.c.key)).first() is not None


def every(conn: Connection) -> dict[str, Breaker]:
    """Return all sources by key."""
    return {row.key: Breaker(*row) for row in conn.execute(select(sources))}
