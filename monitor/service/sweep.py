"""Sweeping: tiles whose rows or ground truth have changed since they were counted are found and counted again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from monitor.domain.calendar import microseconds
from monitor.profile.digest import Digest, digests
from monitor.profile.layout import Layout
from monitor.profile.profile import Profile
from monitor.service.job import Job
from monitor.service.observe import count_tiles, stretches, tile_index
from monitor.service.revise import rows_changed, truth_corrected
from monitor.store import tile_facts, tiles


@dataclass(frozen=True)
class Changed:
    """Tiles that changed, and of those the ones whose rows did and whose known ground truth did."""

    tiles: frozenset[datetime]
    rows: frozenset[datetime]
    truth: frozenset[datetime]


def sweep(job: Job, layout: Layout, start: datetime, end: datetime, skip: Collection[datetime]) -> Changed:
    """Compare the log with what was counted in ``[start, end)`` and count again what differs; ``skip`` was just read.

    Only the columns that identify rows and ground truth are read.
    """
    with job.store.read() as conn:
        facts = {f.start: f for f in tile_facts.load(conn, job.model_id, start, end) if f.start not in skip}
    changed: dict[datetime, tuple[str, str]] = {}
    done = 0
    for stretch in stretches(job, list(facts)):
        job.progress("looking for late rows", done, len(facts))
        found = _digests(job, stretch)
        for t, begin in enumerate(stretch[:-1]):
            text = found.get(t, Digest()).text
            if text != facts[begin].digest:
                changed[begin] = facts[begin].digest, text
        done += len(stretch) - 1
    if not changed:
        return Changed(frozenset(), frozenset(), frozenset())
    before = _whole(job, layout, changed)
    count_tiles(job, layout, list(changed))
    after = _whole(job, layout, changed)
    rows = {t for t, (old, new) in changed.items() if rows_changed([old], [new])}
    truth = {t for t in changed if t in before and (t not in after or truth_corrected(before[t], after[t]))}
    return Changed(frozenset(changed), frozenset(rows), frozenset(truth))


def _digests(job: Job, bounds: list[datetime]) -> dict[int, Digest]:
    starts = microseconds(bounds)
    found: dict[int, Digest] = {}
    for batch in job.source.scan(bounds[0], bounds[-1], columns=()):
        for t, digest in digests(batch, tile_index(batch, starts)).items():
            found[t] = found.get(t, Digest()) + digest
    return found


def _whole(job: Job, layout: Layout, wanted: Collection[datetime]) -> dict[datetime, Profile]:
    """Return the stored counts of all rows of each of these tiles."""
    found = {}
    with job.store.read() as conn:
        for tile in tiles.load_many(
            conn, job.model_id, layout.fingerprint, min(wanted), job.calendar.tile_end(max(wanted))
        ):
            if tile.start in wanted and not tile.version and not tile.segment and tile.profile is not None:
                found[tile.start] = Profile.from_bytes(tile.profile)
    return found
