"""Movement: instances that have moved are saved, and their incidents are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor.alerts.assemble import assemble
from monitor.alerts.incident import cooldown
from monitor.alerts.instance import Instance
from monitor.alerts.kind import group_key
from monitor.config import ModelConfig
from monitor.domain.calendar import Calendar
from monitor.store import incidents, instances


def move(
    conn: Connection,
    model_id: int,
    moved: Sequence[Instance],
    at: datetime,
    pause: timedelta,
    cause: str | None = None,
) -> None:
    """Save instances that have moved, and let their incidents know; the caller holds the model's row.

    Parameters
    ----------
    pause : timedelta
        The cool-down.
    cause : str, optional
        ``revised`` when older windows were judged anew.
    """
    instances.save(conn, model_id, moved)
    by_key: dict[str, list[Instance]] = {}
    for instance in moved:
        by_key.setdefault(group_key(instance.model, instance.labels), []).append(instance)
    for key, mine in sorted(by_key.items()):  # who holds some waits for no earlier ones
        last = incidents.latest(conn, key)
        changed = assemble(last.incident if last else None, mine, at, cooldown=pause, cause=cause)
        incidents.save(conn, model_id, changed)


def pause_of(config: ModelConfig, calendar: Calendar, at: datetime) -> timedelta:
    """Return a model's cool-down at an instant."""
    return config.cooldown or cooldown(calendar.window_at(at).length)
