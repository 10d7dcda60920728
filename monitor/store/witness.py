"""A witness: a small value that changes whenever any tile of a period was counted again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from monitor.store.tables import tile_facts

Witness = tuple[int, datetime | None, int]


def witness(conn: Connection, model_id: int, start: datetime, end: datetime) -> Witness:
    """Return how many tiles of [start, end) were counted, when last, and their labelled rows."""
    looked = select(func.count(), func.max(tile_facts.c.scanned_at), func.coalesce(func.sum(tile_facts.c.labelled), 0))
    inside = tile_facts.c.model_id == model_id, tile_facts.c.tile_start >= start, tile_facts.c.tile_start < end
    number, last, labelled = conn.execute(looked.where(*inside)).one()
    return int(number), last, int(labelled)
