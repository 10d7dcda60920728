"""Runs by the page, those entered last first, and a second chance for one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from monitor.service.record import instant, instant_or_none
from monitor.store import clock, models, retry, runs
from monitor.store.retry import GIVEN_UP, Lifted
from monitor.store.runs import Run
from monitor.store.tables import runs as ledger


@dataclass(frozen=True, slots=True)
class Entered:
    """A run with its model's name."""

    model: str
    run: Run

    def record(self) -> dict[str, Any]:
        """Return it flat, for machines."""
        run, outcome = self.run, self.run.outcome
        return {
            "id": run.id,
            "model": self.model,
            "window_start": instant(run.window.start),
            "window_end": instant(run.window.end),
            "revision": run.revision,
            "status": run.status,
            "cause": outcome.cause,
            "rows": outcome.rows,
            "labelled": outcome.labelled,
            "coverage": outcome.coverage,
            "provisional": outcome.provisional,
            "in_reference": outcome.in_reference,
            "attempts": run.attempts,
            "deaths": run.deaths,
            "next_attempt_at": instant_or_none(run.next_attempt_at),
            "error_state": run.error_state,
            "error": None if run.error is None else run.error.partition("\n")[0],
            "created_at": instant(run.created_at),
            "finished_at": instant_or_none(run.finished_at),
        }


def page(
    conn: Connection, names: Collection[str], *, statuses: Sequence[str], before: int | None, limit: int
) -> list[Entered]:
    """Return runs of some models, those entered last first, those entered before one of them."""
    known = {one.id: one.name for one in models.every(conn, retired=True) if one.name in names}
    chosen = select(ledger).where(ledger.c.model_id.in_(known))
    if statuses:
        chosen = chosen.where(ledger.c.status.in_(statuses))
    if before is not None:
        chosen = chosen.where(ledger.c.id < before)
    rows = conn.execute(chosen.order_by(ledger.c.id.desc()).limit(limit))
    return [Entered(known[row.model_id], runs.read_run(row)) for row in rows]


def one(conn: Connection, number: int) -> Entered | None:
    """Return the run with this number; None when there is none."""
    found = runs.get(conn, number)
    model = models.get(conn, found.model_id) if found else None
    return None if found is None or model is None else Entered(model.name, found)


def lift(conn: Connection, found: Entered) -> bool:
    """Make a run due again that was given up; returns whether it was."""
    run = found.run
    if run.status not in GIVEN_UP:
        return False
    retry.lift(conn, run.model_id, (run.status,), clock.now(conn), run.window.start, run.window.end)
    return True


def lift_all(conn: Connection, name: str) -> Lifted:
    """Make all failed and quarantined windows of a model due again."""
    known = models.find(conn, name)
    return Lifted() if known is None else retry.lift(conn, known.id, GIVEN_UP[:2], clock.now(conn))
