"""Observing: rows of the log become counted tiles in the store, each hour read once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import numpy as np
from sqlalchemy import Connection

from monitor.domain.calendar import microseconds
from monitor.failpoints import failpoint
from monitor.profile.build import Builder, Place
from monitor.profile.count.rows import fact_tally
from monitor.profile.digest import Digest, digests, tile_index
from monitor.profile.doubles import Doubles, row_hashes, without_doubles
from monitor.profile.hashing import Hashes
from monitor.profile.layout import Layout
from monitor.profile.partial import Counts
from monitor.profile.profile import Profile, add
from monitor.profile.reading import Reading
from monitor.profile.tally import Ints
from monitor.service.job import Job
from monitor.service.tiles.arrivals import note_counted
from monitor.source import counting
from monitor.store import tile_facts, tiles

Slot = tuple[str, str]  # version, segment; both empty for all rows

TILES_AT_ONCE = 744  # a month of hours: what is held between two commits
THREADS = 2
SAME = b""  # stored for a version that is the only one of its tile: its counts are those of all rows


@dataclass(frozen=True, eq=False)
class Counted:
    """What one pass over the log found: profiles by place, and for each tile its digest and doubles.

    ``stamp`` is the log's own, taken before it was read.
    """

    profiles: dict[Place, Profile]
    digests: dict[int, Digest]
    doubles: dict[int, int]
    stamp: str | None

    def add_facts(self, layout: Layout, orphans: Sequence[int | None]) -> None:
        """Add to the counts of all rows of each tile the doubles left out and the ground truth without a prediction."""
        for t, lost in enumerate(orphans):
            place, facts = Place(t), {"duplicates": self.doubles.get(t, 0), "orphans": lost or 0}
            if place in self.profiles or lost:
                facts["orphans counted"] = int(lost is not None)
                more = Profile(layout.fingerprint, {"rows": fact_tally(facts)})
                self.profiles[place] = self.profiles[place] + more if place in self.profiles else more


def observe(job: Job, layout: Layout, start: datetime, end: datetime) -> list[datetime]:
    """Count the tiles in ``[start, end)`` that are not counted yet under this layout; return their beginnings."""
    bounds = job.calendar.tiles(start, end)
    with job.store.read() as conn:
        known = tiles.counted(conn, job.model_id, layout.fingerprint, bounds)
    wanted = [t for t in bounds[:-1] if t not in known]
    count_tiles(job, layout, wanted)
    return wanted


def count_tiles(job: Job, layout: Layout, wanted: Sequence[datetime]) -> None:
    """Read and count these tiles and store them, replacing what was counted before."""
    done, orphans = 0, orphans_by_tile(job, wanted)
    for stretch in stretches(job, wanted):
        job.progress("reading", done, len(wanted))
        with ThreadPoolExecutor(THREADS) as pool:
            counted = _count(job, layout, stretch, pool)
        counted.add_facts(layout, [None if orphans is None else orphans.get(t, 0) for t in stretch[:-1]])
        failpoint("tiles counted")
        _save(job, layout, stretch, counted)
        failpoint("tiles saved")
        done += len(stretch) - 1
    if wanted:
        job.progress("reading", len(wanted), len(wanted))


def stretches(job: Job, wanted: Sequence[datetime]) -> Iterator[list[datetime]]:
    """Yield runs of adjacent tiles as their beginnings and, last, the end of the last; of bounded length."""
    stretch: list[datetime] = []
    for begin in sorted(wanted):
        if stretch and (begin != stretch[-1] or len(stretch) > TILES_AT_ONCE):
            yield stretch
            stretch = []
        stretch = [*(stretch or [begin]), job.calendar.tile_end(begin)]
    if stretch:
        yield stretch


def _count(job: Job, layout: Layout, bounds: list[datetime], pool: ThreadPoolExecutor) -> Counted:
    stamp = job.source.stamp()
    if job.source.works:
        counts, again = counting.count(job.source, bounds, layout), counting.doubled(job.source, bounds)
    else:
        counts, again = _counts(job, layout, microseconds(bounds), bounds, pool)
    profiles = {p: profile for p, profile in counts.profiles.items() if p.tile not in again}
    for t, hashes in again.items():
        profiles |= _again(job, layout, bounds[t : t + 2], t, hashes)
    surplus = {t: max(0, counts.digests[t].rows - _rows(layout, profiles[Place(t)])) for t in again}
    return Counted(profiles, counts.digests, surplus, stamp)


def _counts(
    job: Job, layout: Layout, starts: Ints, bounds: list[datetime], pool: ThreadPoolExecutor
) -> tuple[Counts, Mapping[int, Hashes]]:
    """Count the rows of each tile as they come, and find the ids that come twice in one."""
    builder, doubles, found = Builder(layout, starts, pool), Doubles(), dict[int, Digest]()
    unique = job.source.unique_ids
    for batch in job.source.scan(bounds[0], bounds[-1], hashed=True):
        tile, ids = tile_index(batch, starts), None if unique and job.source.hashes else row_hashes(batch)
        if not unique:
            doubles.add(tile, ids)
        for t, digest in digests(batch, tile, ids).items():
            found[t] = found.get(t, Digest()) + digest
        builder.add(batch)
    return Counts(builder.finish(), found), doubles.found()


def _again(job: Job, layout: Layout, bounds: list[datetime], tile: int, doubled: Hashes) -> dict[Place, Profile]:
    """Count one tile a second time, each of its ids once."""
    builder = Builder(layout, microseconds(bounds))
    for batch in without_doubles(job.source.scan(*bounds), doubled):
        builder.add(batch)
    return {place._replace(tile=tile): profile for place, profile in builder.finish().items()}


def _rows(layout: Layout, profile: Profile) -> int:
    return Reading(layout, profile).rows.rows


def _save(job: Job, layout: Layout, bounds: list[datetime], counted: Counted) -> None:
    """Store profiles and facts of a stretch of tiles, empty ones too, in one transaction.

    Tiles that somebody has counted after our present are left as they are, with their facts.
    """
    stored = [_tile(layout, bounds, place, profile, counted) for place, profile in counted.profiles.items()]
    filled = {place.tile for place in counted.profiles}
    empty = [t for t in range(len(bounds) - 1) if t not in filled]
    stored += [tiles.Tile(bounds[t], bounds[t + 1], 0, 0, None) for t in empty]
    facts = [_facts(job, bounds, t, counted) for t in range(len(bounds) - 1)]
    whole = {bounds[place.tile]: found for place, found in counted.profiles.items() if place == Place(place.tile)}

    def save(conn: Connection) -> None:
        tiles.lock(conn, job.model_id)
        newer = _newer(conn, job, layout, bounds)
        mine = [f for f in facts if f.start not in newer]
        changed = note_counted(conn, job, layout, mine, whole)
        tiles.remove_elsewhere(conn, job.model_id, layout.fingerprint, changed)
        for stretch in stretches(job, [f.start for f in mine]):
            tiles.remove(conn, job.model_id, layout.fingerprint, stretch[0], stretch[-1])
        tiles.upsert_many(conn, job.model_id, layout.fingerprint, [t for t in stored if t.start not in newer])
        tile_facts.upsert_many(conn, job.model_id, mine)

    job.transact(save)


def _newer(conn: Connection, job: Job, layout: Layout, bounds: list[datetime]) -> set[datetime]:
    """Return the tiles under these bins that were counted after our present."""
    known = tile_facts.load(conn, job.model_id, bounds[0], bounds[-1])
    later = {f.start for f in known if f.scanned_at > job.now}
    return later and later & tiles.starts(conn, job.model_id, layout.fingerprint, bounds[0], bounds[-1])


def _facts(job: Job, bounds: list[datetime], t: int, counted: Counted) -> tile_facts.TileFacts:
    digest, surplus = counted.digests.get(t, Digest()), counted.doubles.get(t, 0)
    return tile_facts.TileFacts(
        start=bounds[t],
        end=bounds[t + 1],
        rows_read=digest.rows,
        rows=digest.rows - surplus,
        labelled=digest.labelled,
        duplicates=surplus,
        digest=digest.text,
        scanned_at=job.now,
        stamp=counted.stamp,
    )


def _tile(layout: Layout, bounds: list[datetime], place: Place, profile: Profile, counted: Counted) -> tiles.Tile:
    rows = Reading(layout, profile).rows
    whole = Reading(layout, counted.profiles[Place(place.tile)]).rows
    same = bool(place.version) and whole.rows == rows.rows
    blob = SAME if same else profile.to_bytes()
    at = bounds[place.tile], bounds[place.tile + 1]
    return tiles.Tile(*at, rows.rows, rows.labelled, blob, place.version, place.segment)


def orphans_by_tile(job: Job, wanted: Sequence[datetime]) -> dict[datetime, int] | None:
    """Return by tile the ground truth that has no prediction; None when ground truth has no times."""
    if "target" not in job.model.roles or not wanted:
        return None
    found: dict[datetime, int] = {}
    bounds = job.calendar.tiles(min(wanted), job.calendar.tile_end(max(wanted)))
    for batch in job.source.orphan_rows(bounds[0], bounds[-1]):
        if "target_time" not in batch.schema.names:
            return None
        tile = tile_index(batch, microseconds(bounds), "target_time")
        for t, n in zip(*np.unique(tile, return_counts=True), strict=True):
            found[bounds[t]] = found.get(bounds[t], 0) + int(n)
    return found


def profiles_of(stored: Iterable[tiles.Tile]) -> dict[Slot, list[Profile]]:
    """Return the stored profiles by version and segment, oldest first; tiles must come in the order of the store."""
    pieces: dict[Slot, list[Profile]] = {}
    for _, tile in groupby(stored, key=lambda t: t.start):
        at = {(t.version, t.segment): t.profile for t in tile}
        found = {slot: Profile.from_bytes(blob) for slot, blob in at.items() if blob}
        for slot, blob in at.items():
            if blob is not None:
                pieces.setdefault(slot, []).append(found.get(slot) or found["", ""])
    return pieces


def summed(pieces: Mapping[Slot, list[Profile]]) -> dict[Slot, Profile]:
    """Add up the profiles of each slot; slots that share all their tiles, as an only version does, are added once."""
    added: dict[tuple[int, ...], Profile] = {}
    totals = {}
    for slot, found in pieces.items():
        same = tuple(map(id, found))
        if same not in added:
            added[same] = add(found)
        totals[slot] = added[same]
    return totals
