"""Counted tiles: what each hour's rows add up to, per version and segment, under one set of bins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from monitor.errors import UsageError
from monitor.store.conflict import chunks, insert
from monitor.store.tables import tiles
from monitor.store.text import digest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

BATCH = 500
HOUR = timedelta(hours=1)
LONGEST = timedelta(days=2)  # no local day lasts longer
COLUMNS = ("tile_start", "tile_end", "rows", "labelled", "profile", "version", "segment")
_INSTANT = timedelta(microseconds=1)
LOCK = 0x74696C65 << 32  # "tile"
REPLACED = ("tile_end", "version", "segment", "rows", "labelled", "profile")


@dataclass(frozen=True, slots=True)
class Tile:
    """The counts of one tile: ``profile`` is None when it is empty.

    ``version`` is ``""`` for all versions together, ``segment`` ``""`` for all rows, else the
    canonical JSON of ``{"attribute": value}``. Both may be any text of any length.
    """

    start: datetime
    end: datetime
    rows: int
    labelled: int
    profile: bytes | None
    version: str = ""
    segment: str = ""

    @property
    def rolled(self) -> bool:
        """Whether it is a whole day that was rolled up."""
        return self.end - self.start > HOUR


@dataclass(frozen=True, slots=True)
class Slot:
    """A version and segment that has tiles in an interval, with its rows there."""

    version: str
    segment: str
    rows: int
    labelled: int


def upsert_many(conn: Connection, model_id: int, fingerprint: str, found: Iterable[Tile]) -> int:
    """Store tiles, those already there replaced; returns how many."""
    statement = insert(conn, tiles)
    replace = {name: statement.excluded[name] for name in REPLACED}
    keys = ["model_id", "fingerprint", "tile_start", "slot"]
    statement = statement.on_conflict_do_update(index_elements=keys, set_=replace)
    count = 0
    for chunk in chunks(found, BATCH):
        conn.execute(statement, [_row(model_id, fingerprint, tile) for tile in chunk])
        count += len(chunk)
    return count


def load(
    conn: Connection,
    model_id: int,
    fingerprint: str,
    start: datetime,
    end: datetime,
    version: str = "",
    segment: str = "",
) -> Iterator[bytes]:
    """Yield the profiles of the tiles that begin in [start, end), oldest first, empty ones left out.

    Raises
    ------
    UsageError
        The interval cuts a day that was rolled up.
    """
    refuse_cut(conn, model_id, fingerprint, start, end)
    chosen = select(tiles.c.profile).where(
        *_within(model_id, fingerprint, start, end),
        tiles.c.slot == slot_key(version, segment),
        tiles.c.profile.is_not(None),
    )
    for row in conn.execute(chosen.order_by(tiles.c.tile_start).execution_options(yield_per=BATCH)):
        yield row[0]


def load_many(conn: Connection, model_id: int, fingerprint: str, start: datetime, end: datetime) -> Iterator[Tile]:
    """Yield every tile that begins in [start, end), all versions and segments, oldest first.

    Raises
    ------
    UsageError
        The interval cuts a day that was rolled up: how many of its rows lie inside is not known any more.
    """
    refuse_cut(conn, model_id, fingerprint, start, end)
    chosen = (
        select(*(tiles.c[name] for name in COLUMNS))
        .where(*_within(model_id, fingerprint, start, end))
        .order_by(tiles.c.tile_start, tiles.c.slot)
    )
    for row in conn.execute(chosen.execution_options(yield_per=BATCH)):
        yield Tile(*row)


def starts(
    conn: Connection,
    model_id: int,
    fingerprint: str,
    start: datetime,
    end: datetime,
    version: str = "",
    segment: str = "",
) -> set[datetime]:
    """Return the starts of the tiles in [start, end) that were counted, empty ones too."""
    chosen = select(tiles.c.tile_start).where(
        *_within(model_id, fingerprint, start, end), tiles.c.slot == slot_key(version, segment)
    )
    return set(conn.execute(chosen).scalars())


def slots(conn: Connection, model_id: int, fingerprint: str, start: datetime, end: datetime) -> list[Slot]:
    """Return the versions and segments with tiles in [start, end) and their rows, in order of text."""
    chosen = (
        select(
            tiles.c.version,
            tiles.c.segment,
            func.sum(tiles.c.rows).label("rows"),
            func.sum(tiles.c.labelled).label("labelled"),
        )
        .where(*_within(model_id, fingerprint, start, end))
        .group_by(tiles.c.version, tiles.c.segment)
    )
    found = [Slot(v, s, int(rows), int(labelled)) for v, s, rows, labelled in conn.execute(chosen)]
    return sorted(found, key=lambda slot: (slot.version, slot.segment))


def counted(conn: Connection, model_id: int, fingerprint: str, bounds: Sequence[datetime]) -> set[datetime]:
    """Return those beginnings of adjacent tiles that lie in a stored tile, be it an hour or a rolled-up day.

    ``bounds`` are the beginnings and, last, the end of the last.
    """
    spans = _spans(conn, model_id, fingerprint, bounds[0], bounds[-1])
    found, at = set(), 0
    for begin, end in pairwise(bounds):
        while at < len(spans) and spans[at][1] <= begin:
            at += 1
        if at < len(spans) and spans[at][0] <= begin and end <= spans[at][1]:
            found.add(begin)
    return found


def hours(conn: Connection, model_id: int, until: datetime) -> dict[str, dict[datetime, datetime]]:
    """Return by fingerprint the tiles that end by ``until`` and are not rolled up: beginning to end, oldest first."""
    chosen = select(tiles.c.fingerprint, tiles.c.tile_start, tiles.c.tile_end).where(
        tiles.c.model_id == model_id, tiles.c.slot == "", tiles.c.tile_end <= until
    )
    found: dict[str, dict[datetime, datetime]] = {}
    for fingerprint, start, end in conn.execute(chosen.order_by(tiles.c.tile_start)):
        if end - start <= HOUR:
            found.setdefault(fingerprint, {})[start] = end
    return found


def days(
    conn: Connection, model_id: int, fingerprint: str, start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """Return beginning and end of the rolled-up days that overlap [start, end), oldest first."""
    return [(a, b) for a, b in _spans(conn, model_id, fingerprint, start, end) if b - a > HOUR]


def cut(
    conn: Connection, model_id: int, fingerprint: str, start: datetime, end: datetime
) -> tuple[datetime, datetime] | None:
    """Return the rolled-up day of which only a part lies in [start, end); None when there is none."""
    for edge in (start, end):
        for day in days(conn, model_id, fingerprint, edge, edge + _INSTANT):
            if day[0] < edge:
                return day
    return None


def refuse_cut(conn: Connection, model_id: int, fingerprint: str, start: datetime, end: datetime) -> None:
    """Refuse an interval that cuts a rolled-up day.

    Raises
    ------
    UsageError
        It does.
    """
    day = cut(conn, model_id, fingerprint, start, end)
    if day is not None:
        inside, whole = ((f"{t:%Y-%m-%d %H:%M}" for t in pair) for pair in ((start, end), day))
        raise UsageError(
            f"the hours from {' to '.join(whole)} UTC were rolled up into one day, which {' to '.join(inside)} cuts",
            "choose whole days, or keep hours longer: retention.hourly_counts in monitor.yaml",
        )


def lock(conn: Connection, model_id: int) -> None:
    """Hold a model's tiles until the transaction ends: one that counts hours must not meet one that rolls them up.

    A lock of its own, and not that of the model's row, which those hold who enter work for others into the ledger.
    Whoever needs both locks the row first, and then what is leased.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(select(func.pg_advisory_xact_lock(LOCK + model_id)))


def remove(conn: Connection, model_id: int, fingerprint: str, start: datetime, end: datetime) -> None:
    """Forget the tiles that begin in [start, end), all versions and segments.

    The model's tiles stay locked until the transaction ends: who removes is about to replace.

    Raises
    ------
    UsageError
        The interval cuts a day that was rolled up.
    """
    lock(conn, model_id)
    refuse_cut(conn, model_id, fingerprint, start, end)
    conn.execute(delete(tiles).where(*_within(model_id, fingerprint, start, end)))


def remove_elsewhere(conn: Connection, model_id: int, fingerprint: str, changed: Collection[datetime]) -> None:
    """Forget what was counted of changed tiles under other bins: it has become wrong, and is counted when needed."""
    for chunk in chunks(changed, BATCH):
        stale = tiles.c.model_id == model_id, tiles.c.fingerprint != fingerprint, tiles.c.tile_start.in_(chunk)
        conn.execute(delete(tiles).where(*stale))


def slot_key(version: str, segment: str) -> str:
    """Return the key of a version and segment: empty for the total, else 32 digits."""
    return digest(version, segment) if version or segment else ""


def _spans(
    conn: Connection, model_id: int, fingerprint: str, start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """Return beginning and end of the tiles that overlap [start, end), oldest first."""
    chosen = select(tiles.c.tile_start, tiles.c.tile_end).where(
        *_within(model_id, fingerprint, start - LONGEST, end), tiles.c.slot == "", tiles.c.tile_end > start
    )
    return [(a, b) for a, b in conn.execute(chosen.order_by(tiles.c.tile_start))]


def _within(model_id: int, fingerprint: str, start: datetime, end: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        tiles.c.model_id == model_id,
        tiles.c.fingerprint == fingerprint,
        tiles.c.tile_start >= start,
        tiles.c.tile_start < end,
    )


def _row(model_id: int, fingerprint: str, tile: Tile) -> dict[str, object]:
    return {
        "model_id": model_id, "fingerprint": fingerprint, "tile_start": tile.start,
        "slot": slot_key(tile.version, tile.segment), "tile_end": tile.end,
        "version": tile.version, "segment": tile.segment, "rows": tile.rows,
        "labelled": tile.labelled, "profile": tile.profile,
    }  # fmt: skip
