"""Verdicts: what every rule said of a window, one compressed text a run, so that the past can be folded again."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, select

from monitor.domain.verdict import Verdict
from monitor.store import runs
from monitor.store.alert_tables import verdicts
from monitor.store.conflict import insert
from monitor.store.tables import runs as runs_table

LEVEL = 6
_LIST: TypeAdapter[list[Verdict]] = TypeAdapter(list[Verdict])


def save(conn: Connection, run_id: int, found: Iterable[Verdict]) -> None:
    """Store the verdicts on one run, in place of those it had."""
    blob = zlib.compress(_LIST.dump_json(list(found), exclude_defaults=True), LEVEL)
    row = insert(conn, verdicts).values(run_id=run_id, verdicts=blob)
    conn.execute(row.on_conflict_do_update(index_elements=["run_id"], set_={"verdicts": row.excluded.verdicts}))


def load(
    conn: Connection,
    model_id: int,
    start: datetime | None = None,
    end: datetime | None = None,
    *,
    last: int | None = None,
) -> Iterator[list[Verdict]]:
    """Yield the verdicts of each window that begins in [start, end), of its latest revision, oldest window first.

    With ``last`` only those of so many windows at the end.
    """
    chosen = runs.between(start, end).where(runs_table.c.model_id == model_id, runs.newest()).order_by(None)
    numbers = [row.id for row in conn.execute(chosen.order_by(runs_table.c.window_end.desc()).limit(last))]
    stored = select(verdicts.c.run_id, verdicts.c.verdicts).where(verdicts.c.run_id.in_(numbers))
    blobs = {row.run_id: row.verdicts for row in conn.execute(stored)}
    for number in reversed(numbers):
        if number in blobs:
            yield _LIST.validate_json(zlib.decompress(blobs[number]))


def of(conn: Connection, run_ids: Collection[int]) -> dict[int, list[Verdict]]:
    """Return the verdicts on some runs by run; those that were not judged are left out."""
    stored = select(verdicts.c.run_id, verdicts.c.verdicts).where(verdicts.c.run_id.in_(run_ids))
    return {row.run_id: _LIST.validate_json(zlib.decompress(row.verdicts)) for row in conn.execute(stored)}
