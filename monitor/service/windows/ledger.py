"""The ledger of windows, as people and machines look at it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from monitor.config import ModelConfig
from monitor.domain.window import Window
from monitor.service import asked
from monitor.service.health import WELL
from monitor.service.record import instant_or_none
from monitor.store import models, runs, tables
from monitor.store.engine import Store
from monitor.store.runs import Run

STATUSES = tables.STATUSES


@dataclass(frozen=True)
class Entry:
    """One revision of one window; or, without a window, why nothing could be run at all."""

    model: str
    status: str
    zone: str = "UTC"
    window: Window | None = None
    run: Run | None = None
    error_state: str | None = None
    error: str | None = None
    at: datetime | None = None

    def record(self) -> dict[str, Any]:
        """Return it flat, for machines."""
        outcome = self.run and self.run.outcome
        return {
            "model": self.model,
            "window_start": instant_or_none(self.window.start if self.window else None),
            "window_end": instant_or_none(self.window.end if self.window else None),
            "revision": self.run and self.run.revision,
            "status": self.status,
            "cause": outcome and outcome.cause,
            "rows": outcome and outcome.rows,
            "labelled": outcome and outcome.labelled,
            "coverage": outcome and outcome.coverage,
            "provisional": bool(outcome and outcome.provisional),
            "in_reference": bool(outcome and outcome.in_reference),
            "attempts": self.run and self.run.attempts,
            "deaths": self.run and self.run.deaths,
            "next_attempt_at": instant_or_none(self.run.next_attempt_at if self.run else None),
            "owner": self.run and self.run.owner,
            "lease_until": instant_or_none(self.run.lease_until if self.run else None),
            "error_state": self.error_state,
            "error": self.error,
            "finished_at": instant_or_none(self.at),
        }


def ledger(
    store: Store,
    chosen: list[ModelConfig],
    *,
    start: str | None = None,
    end: str | None = None,
    statuses: Collection[str] = (),
    limit: int | None = None,
    as_of: datetime | None = None,
) -> Iterator[Entry]:
    """Yield, model by model, the fault that its source has now, then its runs, newest window first.

    Parameters
    ----------
    start, end : str, optional
        As typed.
    statuses : collection of str
        Only these; all when there are none. The source's fault counts as ``failed``.
    limit : int, optional
        The most of each model.
    as_of : datetime, optional
        Only what was done at that instant.
    """
    with store.read() as conn:
        for model in chosen:
            first, last = asked.span(start, end, model.window_timezone)
            yield from _model(conn, model, (first, last), statuses=statuses, limit=limit, as_of=as_of)


def _model(
    conn: Connection,
    model: ModelConfig,
    ends: tuple[datetime | None, datetime | None],
    *,
    statuses: Collection[str],
    limit: int | None,
    as_of: datetime | None,
) -> Iterator[Entry]:
    name, zone = model.name, model.window_timezone
    stored = models.find(conn, name)
    if stored is None:
        return
    if as_of is None and stored.source_state not in WELL and (not statuses or "failed" in statuses):
        said = (stored.source_error or "").partition("\n")[0]
        yield Entry(name, "failed", zone, None, None, stored.source_state, said, stored.source_checked_at)
    start, end = ends
    for run in runs.history(conn, stored.id, statuses=statuses, start=start, end=end, limit=limit, as_of=as_of):
        yield Entry(name, run.status, zone, run.window, run, run.error_state, run.error, run.finished_at)
