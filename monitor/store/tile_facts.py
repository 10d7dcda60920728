"""What the log held for each tile when it was last read: what late and corrected rows are told by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, select, update

from monitor.store.conflict import chunks, insert
from monitor.store.tables import tile_facts
from monitor.store.tiles import HOUR, LONGEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

BATCH = 1000
COLUMNS = (
    "tile_start", "tile_end", "rows_read", "rows", "labelled", "duplicates",
    "digest", "scanned_at", "max_updated_at", "stamp",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TileFacts:
    """One tile of the log: ``rows`` are ``rows_read`` without ``duplicates``.

    ``digest`` does not depend on the order of rows. ``max_updated_at`` is None when the log does not tell. ``stamp`` is
    the log's own when it was last seen to agree with these facts; None when the log has none.
    """

    start: datetime
    end: datetime
    rows_read: int
    rows: int
    labelled: int
    duplicates: int
    digest: str
    scanned_at: datetime
    max_updated_at: datetime | None = None
    stamp: str | None = None

    @property
    def rolled(self) -> bool:
        """Whether they are those of a whole day that was rolled up: no longer compared with the log."""
        return self.end - self.start > HOUR


def upsert_many(conn: Connection, model_id: int, found: Iterable[TileFacts]) -> int:
    """Store the facts of tiles, those already there replaced, of a day too whose hours come anew; returns how many."""
    statement = insert(conn, tile_facts)
    replace = {name: statement.excluded[name] for name in COLUMNS[1:]}
    statement = statement.on_conflict_do_update(index_elements=["model_id", "tile_start"], set_=replace)
    count = 0
    for chunk in chunks(found, BATCH):
        _make_room(conn, model_id, min(f.start for f in chunk), max(f.end for f in chunk))
        conn.execute(statement, [_row(model_id, facts) for facts in chunk])
        count += len(chunk)
    return count


def agree(conn: Connection, model_id: int, digests: Mapping[datetime, str], stamp: str) -> None:
    """Note that these tiles were seen to agree with the log as it is stamped, unless they have others facts by now."""
    mine = tile_facts.c.model_id == model_id
    same = tile_facts.c.tile_start == bindparam("begin"), tile_facts.c.digest == bindparam("seen")
    statement = update(tile_facts).where(mine, *same).values(stamp=stamp)
    for chunk in chunks(digests.items(), BATCH):
        conn.execute(statement, [{"begin": begin, "seen": digest} for begin, digest in chunk])


def load(conn: Connection, model_id: int, start: datetime, end: datetime) -> list[TileFacts]:
    """Return the facts of the tiles that begin in [start, end), oldest first."""
    chosen = select(*(tile_facts.c[name] for name in COLUMNS)).where(
        tile_facts.c.model_id == model_id,
        tile_facts.c.tile_start >= start,
        tile_facts.c.tile_start < end,
    )
    return [TileFacts(*row) for row in conn.execute(chosen.order_by(tile_facts.c.tile_start))]


def remove(conn: Connection, model_id: int, start: datetime, end: datetime) -> None:
    """Forget the facts of the tiles that begin in [start, end)."""
    named = tile_facts.c.model_id == model_id, tile_facts.c.tile_start >= start, tile_facts.c.tile_start < end
    conn.execute(delete(tile_facts).where(*named))


def span(conn: Connection, model_id: int) -> tuple[datetime, datetime] | None:
    """Return the first start and the last end of the tiles read; None when none was."""
    ends = select(func.min(tile_facts.c.tile_start), func.max(tile_facts.c.tile_end))
    first, last = conn.execute(ends.where(tile_facts.c.model_id == model_id)).one()
    return None if first is None else (first, last)


def _make_room(conn: Connection, model_id: int, start: datetime, end: datetime) -> None:
    """Forget the facts of rolled-up days that overlap [start, end)."""
    for day in load(conn, model_id, start - LONGEST, end):
        if day.rolled and day.end > start:
            remove(conn, model_id, day.start, day.start + HOUR)


def _row(model_id: int, facts: TileFacts) -> dict[str, object]:
    return {
        "model_id": model_id, "tile_start": facts.start, "tile_end": facts.end,
        "rows_read": facts.rows_read, "rows": facts.rows, "labelled": facts.labelled,
        "duplicates": facts.duplicates, "digest": facts.digest,
        "scanned_at": facts.scanned_at, "max_updated_at": facts.max_updated_at, "stamp": facts.stamp,
    }  # fmt: skip


def totals(conn: Connection, model_id: int, start: datetime, end: datetime) -> tuple[int, int]:
    """Return how many rows the tiles that begin in [start, end) have, and how many of them their ground truth."""
    mine = tile_facts.c.model_id == model_id, tile_facts.c.tile_start >= start, tile_facts.c.tile_start < end
    sums = select(func.sum(tile_facts.c.rows), func.sum(tile_facts.c.labelled)).where(*mine)
    rows, labelled = conn.execute(sums).one()
    return int(rows or 0), int(labelled or 0)
