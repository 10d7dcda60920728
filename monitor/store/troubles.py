"""Chores that went wrong the last time they were done, and wait to be tried again."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from monitor.store.tables import chores


@dataclass(frozen=True, slots=True)
class Trouble:
    """A chore's fault: ``state`` names it, ``error`` says it."""

    kind: str
    state: str
    error: str | None


def every(conn: Connection) -> dict[int, tuple[Trouble, ...]]:
    """Return the faults of all models' chores, by the model's number; a model without any is not there."""
    found: dict[int, tuple[Trouble, ...]] = {}
    chosen = select(chores.c.model_id, chores.c.kind, chores.c.error_state, chores.c.error)
    for model_id, *about in conn.execute(chosen.where(chores.c.error_state.is_not(None)).order_by(chores.c.kind)):
        found[model_id] = (*found.get(model_id, ()), Trouble(*about))
    return found
