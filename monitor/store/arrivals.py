"""What came after a tile was first counted: its ground truth by age, and rows that were late, corrected or gone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from monitor.store.conflict import chunks, insert
from monitor.store.tables import arrivals, tiles

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy import Connection

BATCH = 1000
REPLACED = ("looked_at", "rows", "labelled", "stamped", "by_age")


@dataclass(frozen=True, slots=True)
class Arrivals:
    """One tile: how many of its rows had their ground truth at each age, as far as somebody looked then.

    ``late`` counts, for ever, the rows that came, went or had their ground truth changed after the tile was first
    counted. ``stamped`` tells that ground truth carries its time, so that ``by_age`` is known without looking.
    """

    start: datetime
    looked_at: datetime
    rows: int
    labelled: int
    by_age: tuple[int | None, ...]
    stamped: bool = False
    late: int = 0


def upsert_many(conn: Connection, model_id: int, found: Iterable[Arrivals]) -> None:
    """Store the arrivals of tiles; those already there are replaced, but for ``late``, which is added."""
    statement = insert(conn, arrivals)
    replace: dict[str, Any] = {name: statement.excluded[name] for name in REPLACED}
    replace["late"] = arrivals.c.late + statement.excluded.late
    statement = statement.on_conflict_do_update(index_elements=["model_id", "tile_start"], set_=replace)
    for chunk in chunks(found, BATCH):
        conn.execute(statement, [_row(model_id, one) for one in chunk])


def load(conn: Connection, model_id: int, start: datetime, end: datetime) -> list[Arrivals]:
    """Return the arrivals of the tiles that begin in [start, end), oldest first."""
    names = ("tile_start", "looked_at", "rows", "labelled", "by_age", "stamped", "late")
    chosen = select(*(arrivals.c[name] for name in names)).where(
        arrivals.c.model_id == model_id, arrivals.c.tile_start >= start, arrivals.c.tile_start < end
    )
    found = conn.execute(chosen.order_by(arrivals.c.tile_start))
    return [Arrivals(t, at, n, m, tuple(json.loads(ages)), stamped, late) for t, at, n, m, ages, stamped, late in found]


def counted_before(
    conn: Connection, model_id: int, fingerprint: str, starts: Collection[datetime]
) -> dict[datetime, bytes | None]:
    """Return the stored counts of all rows of these tiles, None for an empty one; those not counted are not in it."""
    found: dict[datetime, bytes | None] = {}
    for chunk in chunks(sorted(starts), BATCH // 2):
        named = tiles.c.model_id == model_id, tiles.c.fingerprint == fingerprint, tiles.c.slot == ""
        chosen = select(tiles.c.tile_start, tiles.c.profile).where(*named, tiles.c.tile_start.in_(chunk))
        found.update((start, profile) for start, profile in conn.execute(chosen))
    return found


def forget(conn: Connection, model_id: int, before: datetime) -> None:
    """Forget tiles that begin before an instant: too old to teach anything."""
    conn.execute(delete(arrivals).where(arrivals.c.model_id == model_id, arrivals.c.tile_start < before))


def _row(model_id: int, one: Arrivals) -> dict[str, object]:
    return {
        "model_id": model_id, "tile_start": one.start, "looked_at": one.looked_at, "rows": one.rows,
        "labelled": one.labelled, "late": one.late, "stamped": one.stamped,
        "by_age": json.dumps(one.by_age, separators=(",", ":")),
    }  # fmt: skip
