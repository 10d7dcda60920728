"""A witness: a small value that changes whenever any tile of a period was counted again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from monitor.store.tables import tile_facts

Witness = tuple[int, datetime | None, int]
Stamps = dict[datetime, datetime]


def witness(conn: Connection, model_id: int, start: datetime, end: datetime) -> Witness:
    """Return how many tiles of [start, end) were counted, when last, and their labelled rows."""
    looked = select(func.count(), func.max(tile_facts.c.scanned_at), func.coalesce(func.sum(tile_facts.c.labelled), 0))
    inside = tile_facts.c.model_id == model_id, tile_facts.c.tile_start >= start, tile_facts.c.tile_start < end
    number, last, labelled = conn.execute(looked.where(*inside)).one()
    return int(number), last, int(labelled)


def stamps(conn: Connection, model_id: int, start: datetime, end: datetime) -> Stamps:
    """Return by its beginning when each tile of [start, end) was counted last, oldest tile first."""
    inside = tile_facts.c.model_id == model_id, tile_facts.c.tile_start >= start, tile_facts.c.tile_start < end
    looked = select(tile_facts.c.tile_start, tile_facts.c.scanned_at).where(*inside).order_by(tile_facts.c.tile_start)
    return {row.tile_start: row.scanned_at for row in conn.execute(looked)}
