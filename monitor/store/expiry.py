"""What is older than the operator wants to keep, or is used by nothing any more; only looked at here."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, exists, func, not_, or_, select

from monitor.domain.window import Window
from monitor.store import runs as ledger
from monitor.store.tables import changes, measurements, reference_profiles, runs, series, tiles

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

UNSETTLED = ("due", "leased", "failed")


class TileRows(NamedTuple):
    """How many rows there are for one tile, one for each version and segment."""

    fingerprint: str
    start: datetime
    end: datetime
    rows: int


def windows(conn: Connection, model_id: int, before: datetime) -> list[int]:
    """Return the runs of windows that ended by ``before``, oldest first; leased ones are left alone."""
    chosen = select(runs.c.id).where(
        runs.c.model_id == model_id, runs.c.window_end <= before, runs.c.status != "leased"
    )
    return list(conn.execute(chosen.order_by(runs.c.window_start, runs.c.id)).scalars())


def superseded(conn: Connection, model_id: int, before: datetime) -> list[int]:
    """Return the runs whose place a later revision had taken by ``before``, oldest first.

    So that whatever could be read as of an instant since then still can.
    """
    later = runs.alias("later")
    same = [later.c[name] == runs.c[name] for name in ledger.KEY[:3]]
    replaced = exists().where(
        *same, later.c.revision > runs.c.revision, later.c.status == "done", later.c.finished_at <= before
    )
    chosen = select(runs.c.id).where(runs.c.model_id == model_id, runs.c.status != "leased", replaced)
    return list(conn.execute(chosen.order_by(runs.c.window_start, runs.c.id)).scalars())


def unsettled(conn: Connection, model_id: int, until: datetime) -> list[Window]:
    """Return the windows that begin before ``until`` and may be measured yet: not done, or not closed."""
    waiting = or_(runs.c.status.in_(UNSETTLED), and_(ledger.newest(), not_(runs.c.closed)))
    chosen = select(runs.c.window_start, runs.c.window_end).where(
        runs.c.model_id == model_id, runs.c.window_start < until, waiting
    )
    return sorted({Window(*row) for row in conn.execute(chosen)})


def change_numbers(conn: Connection, model_id: int, before: datetime) -> list[int]:
    """Return the numbers of a model's changes that were appended before an instant, in order."""
    chosen = select(changes.c.seq).where(changes.c.model_id == model_id, changes.c.created_at < before)
    return list(conn.execute(chosen.order_by(changes.c.seq)).scalars())


def unused_series(conn: Connection, model_id: int) -> list[int]:
    """Return the series of a model that no measurement belongs to."""
    chosen = select(series.c.id).where(series.c.model_id == model_id, without_measurements())
    return list(conn.execute(chosen.order_by(series.c.id)).scalars())


def old_tiles(conn: Connection, model_id: int, before: datetime, kept: Iterable[Window]) -> list[TileRows]:
    """Return the tiles that end by ``before``, those left out that overlap an interval to be kept."""
    spared = [not_(and_(tiles.c.tile_start < w.end, tiles.c.tile_end > w.start)) for w in kept]
    return _tile_rows(conn, tiles.c.model_id == model_id, tiles.c.tile_end <= before, *spared)


def disused_tiles(conn: Connection, model_id: int, since: datetime, in_force: Collection[str]) -> list[TileRows]:
    """Return the tiles under bins that are not in force and of which no reference was made or used ``since``.

    Tiles that belong to no reference are somebody's work in progress and are left alone.
    """
    named = select(reference_profiles.c.fingerprint).where(reference_profiles.c.model_id == model_id)
    used = named.join_from(reference_profiles, runs, runs.c.reference_id == reference_profiles.c.id)
    recent = set(conn.execute(named.where(reference_profiles.c.created_at >= since)).scalars())
    recent |= set(conn.execute(used.where(runs.c.finished_at >= since)).scalars())
    dead = set(conn.execute(named).scalars()) - recent - set(in_force)
    return _tile_rows(conn, tiles.c.model_id == model_id, tiles.c.fingerprint.in_(sorted(dead))) if dead else []


def tile_rows(conn: Connection, model_id: int, day: Window, fingerprints: Collection[str]) -> int:
    """Return how many rows a day's tiles have beyond the one of each version and segment."""
    inside = tiles.c.tile_start >= day.start, tiles.c.tile_end <= day.end
    named = tiles.c.model_id == model_id, tiles.c.fingerprint.in_(fingerprints)
    slots = select(tiles.c.fingerprint, tiles.c.slot, func.count().label("rows")).where(*named, *inside)
    each = slots.group_by(tiles.c.fingerprint, tiles.c.slot).subquery()
    return int(conn.execute(select(func.coalesce(func.sum(each.c.rows - 1), 0))).scalar_one())


def sizes(conn: Connection, run_ids: Collection[int]) -> dict[int, int]:
    """Return how many measurements runs have; those without any are not there."""
    counted = select(measurements.c.run_id, func.count()).where(measurements.c.run_id.in_(run_ids))
    return {row[0]: row[1] for row in conn.execute(counted.group_by(measurements.c.run_id))}


def without_measurements() -> ColumnElement[bool]:
    """Return the condition that no measurement belongs to a series."""
    return ~exists().where(measurements.c.series_id == series.c.id)


def _tile_rows(conn: Connection, *conditions: ColumnElement[bool]) -> list[TileRows]:
    tile = tiles.c.fingerprint, tiles.c.tile_start, tiles.c.tile_end
    counted = select(*tile, func.count()).where(*conditions).group_by(*tile)
    return [TileRows(*row) for row in conn.execute(counted.order_by(*tile))]
