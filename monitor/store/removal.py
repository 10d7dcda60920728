"""Removing what has expired: each call is one small part of a transaction, so that nobody waits long for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, select, update

from monitor.store import expiry
from monitor.store.alert_tables import verdicts
from monitor.store.changes import REMOVED as REMOVED_CHANGES
from monitor.store.conflict import chunks, insert
from monitor.store.series import REMOVED
from monitor.store.tables import changes, counters, measurements, models, runs, series, tile_facts, tiles
from monitor.store.tiles import lock

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime

    from sqlalchemy import Connection

    from monitor.store.expiry import TileRows

MEASUREMENTS_AT_ONCE = 5_000
TILES_AT_ONCE = 500
NUMBERS_AT_ONCE = 500


class Removed(NamedTuple):
    """How many runs went, and how many measurements with them."""

    runs: int
    measurements: int


def remove_runs(conn: Connection, run_ids: Collection[int]) -> Removed:
    """Remove runs with their measurements, those left that a worker holds by now; changes forget whose they were."""
    held = select(runs.c.id).where(runs.c.id.in_(run_ids), runs.c.status != "leased").with_for_update()
    free = list(conn.execute(held).scalars())
    numbers = expiry.sizes(conn, free)
    conn.execute(delete(measurements).where(measurements.c.run_id.in_(free)))
    conn.execute(update(changes).where(changes.c.run_id.in_(free)).values(run_id=None))
    conn.execute(delete(verdicts).where(verdicts.c.run_id.in_(free)))
    conn.execute(delete(runs).where(runs.c.id.in_(free)))
    return Removed(len(free), sum(numbers.values()))


def remove_changes(conn: Connection, numbers: Collection[int]) -> int:
    """Remove changes, and remember the highest number of them: a reader who has not seen that one has missed some."""
    highest = insert(conn, counters).values(name=REMOVED_CHANGES, value=max(numbers))
    raised = highest.excluded.value
    conn.execute(
        highest.on_conflict_do_update(index_elements=["name"], set_={"value": raised}, where=counters.c.value < raised)
    )
    conn.execute(delete(changes).where(changes.c.seq.in_(numbers)))
    return len(numbers)


def remove_series(conn: Connection, numbers: Collection[int]) -> int:
    """Remove series that still have no measurement; writers that remember numbers of series look them up again."""
    # First of all: waits for those who are writing under numbers that they remember, and keeps others from it.
    conn.execute(update(counters).where(counters.c.name == REMOVED).values(value=counters.c.value + 1))
    gone = delete(series).where(series.c.id.in_(numbers), expiry.without_measurements()).returning(series.c.id)
    return len(conn.execute(gone).all())


def remove_tiles(conn: Connection, model_id: int, found: Iterable[TileRows]) -> int:
    """Remove tiles as they were found: all versions and segments of each, if it still has that end."""
    number = 0
    lock(conn, model_id)
    for tile in found:
        conn.execute(
            delete(tiles).where(
                tiles.c.model_id == model_id,
                tiles.c.fingerprint == tile.fingerprint,
                tiles.c.tile_start == tile.start,
                tiles.c.tile_end == tile.end,
            )
        )
        number += tile.rows
    return number


def remove_facts(conn: Connection, model_id: int) -> int:
    """Forget what the log held in times of which no bins have counts any more; returns of how many tiles."""
    lock(conn, model_id)
    read = select(tile_facts.c.tile_start).where(tile_facts.c.model_id == model_id)
    counted = select(tiles.c.tile_start).where(tiles.c.model_id == model_id, tiles.c.slot == "").distinct()
    lost = sorted(set(conn.execute(read).scalars()) - set(conn.execute(counted).scalars()))
    for batch in chunks(lost, NUMBERS_AT_ONCE):
        named = tile_facts.c.model_id == model_id, tile_facts.c.tile_start.in_(batch)
        conn.execute(delete(tile_facts).where(*named))
    return len(lost)


def keep_since(conn: Connection, model_id: int, since: datetime) -> None:
    """Remember that windows that ended by ``since`` are gone and not to be measured again; never goes back."""
    later = models.c.kept_since.is_(None) | (models.c.kept_since < since)
    conn.execute(update(models).where(models.c.id == model_id, later).values(kept_since=since))


def run_batches(conn: Connection, run_ids: Iterable[int]) -> Iterator[list[int]]:
    """Yield the runs in lists that have few enough measurements to be removed at once, or only one run."""
    batch: list[int] = []
    held = 0
    wanted = list(run_ids)
    for at in range(0, len(wanted), NUMBERS_AT_ONCE):
        part = wanted[at : at + NUMBERS_AT_ONCE]
        numbers = expiry.sizes(conn, part)
        for run in part:
            if batch and (held + numbers.get(run, 0) > MEASUREMENTS_AT_ONCE or len(batch) >= NUMBERS_AT_ONCE):
                yield batch
                batch, held = [], 0
            batch.append(run)
            held += numbers.get(run, 0)
    if batch:
        yield batch


def tile_batches(found: Iterable[TileRows]) -> Iterator[list[TileRows]]:
    """Yield the tiles in lists that are small enough to be removed at once, or only one tile."""
    batch: list[TileRows] = []
    held = 0
    for tile in found:
        if batch and held + tile.rows > TILES_AT_ONCE:
            yield batch
            batch, held = [], 0
        batch.append(tile)
        held += tile.rows
    if batch:
        yield batch
