"""Counters of each model that only grow, kept in the store so that they outlive every process."""

from __future__ import annotations

from sqlalchemy import Connection, select

from monitor.store.conflict import insert
from monitor.store.tables import model_counters


def add(conn: Connection, model_id: int, name: str, number: int = 1) -> None:
    """Count something that happened to a model."""
    row = insert(conn, model_counters).values(model_id=model_id, name=name, value=number)
    more = {"value": model_counters.c.value + number}
    conn.execute(row.on_conflict_do_update(index_elements=["model_id", "name"], set_=more))


def every(conn: Connection) -> dict[int, dict[str, int]]:
    """Return all counts by model and name; one that never happened is not there."""
    found: dict[int, dict[str, int]] = {}
    for model_id, name, value in conn.execute(select(model_counters)):
        found.setdefault(model_id, {})[name] = value
    return found
