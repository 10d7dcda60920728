"""A second chance: windows that were given up become due again, and what waits is tried at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from monitor.store import models as known
from monitor.store import runs as ledger
from monitor.store.claims import BACKLOG
from monitor.store.tables import chores, models, runs, sources

GIVEN_UP = ("failed", "quarantined", "skipped")


@dataclass(frozen=True, slots=True)
class Lifted:
    """How many windows are due again by what had become of them; ``waiting`` ones were due and wait no longer."""

    failed: int = 0
    quarantined: int = 0
    skipped: int = 0
    waiting: int = 0

    @property
    def windows(self) -> int:
        """How many had been given up."""
        return self.failed + self.quarantined + self.skipped


def lift(
    conn: Connection,
    model_id: int,
    statuses: Collection[str],
    now: datetime,
    start: datetime | None = None,
    end: datetime | None = None,
) -> Lifted:
    """Make the windows of these statuses that lie in [start, end) due again, their attempts and deaths forgotten.

    Chores of the model that failed are due now, and its source is asked at once though it was being left alone.
    """
    within = [runs.c.model_id == model_id]
    within += [] if start is None else [runs.c.window_start >= start]
    within += [] if end is None else [runs.c.window_end <= end]
    known.lock(conn, model_id)  # before its windows, as everybody does: no two wait for each other
    key = select(models.c.source_key).where(models.c.id == model_id).scalar_subquery()
    conn.execute(update(sources).where(sources.c.key == key).values(retry_at=None))
    ledger.hold(conn, *within, runs.c.status.in_((*statuses, "due")))
    clean: dict[str, Any] = {"attempts": 0, "deaths": 0, "next_attempt_at": None, "error_state": None, "error": None}
    late = update(runs).where(*within, runs.c.status == "due", runs.c.next_attempt_at > now)
    waiting = len(conn.execute(late.values(next_attempt_at=None).returning(runs.c.id)).all())
    found = {}
    for status in statuses:
        again = clean | {"status": "due", "finished_at": None}
        if status == "skipped":  # they are many and old: after what is due today
            again |= {"cause": None, "priority": BACKLOG}
        lifted = update(runs).where(*within, runs.c.status == status).values(again)
        found[status] = len(conn.execute(lifted.returning(runs.c.id)).all())
    failed = chores.c.model_id == model_id, chores.c.error_state.is_not(None), chores.c.owner.is_(None)
    conn.execute(update(chores).where(*failed).values(due_at=now, attempts=0))
    return Lifted(**found, waiting=waiting)
