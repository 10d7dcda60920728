"""Sweeping: tiles whose rows or ground truth have changed since they were counted are found and counted again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from monitor.domain.calendar import microseconds
from monitor.domain.window import Window
from monitor.profile.digest import Digest, digests
from monitor.profile.layout import Layout
from monitor.profile.profile import Profile
from monitor.service.job import Job
from monitor.service.observe import count_tiles, stretches, tile_index
from monitor.service.revise import truth_corrected
from monitor.store import tile_facts, tiles


@dataclass(frozen=True)
class Changed:
    """Tiles that changed, and of those the ones whose known ground truth did."""

    tiles: frozenset[datetime] = frozenset()
    truth: frozenset[datetime] = frozenset()


def sweep(job: Job, layout: Layout, windows: Collection[Window], skip: Collection[datetime]) -> Changed:
    """Compare the log with what was counted inside these windows and count again what differs; ``skip`` was just read.

    Only the columns that identify rows and ground truth are read.
    """
    facts: dict[datetime, tile_facts.TileFacts] = {}
    with job.store.read() as conn:
        for stretch in merged(windows):
            found = tile_facts.load(conn, job.model_id, stretch.start, stretch.end)
            facts |= {f.start: f for f in found if f.start not in skip and not f.rolled}
    changed: list[datetime] = []
    done = 0
    for bounds in stretches(job, list(facts)):
        job.progress("looking for late rows", done, len(facts))
        read = _digests(job, bounds)
        for t, begin in enumerate(bounds[:-1]):
            if read.get(t, Digest()).text != facts[begin].digest:
                changed.append(begin)
        done += len(bounds) - 1
    if not changed:
        return Changed()
    before = _whole(job, layout, changed)
    count_tiles(job, layout, changed)
    after = _whole(job, layout, changed)
    truth = {t for t in changed if t in before and (t not in after or truth_corrected(before[t], after[t]))}
    return Changed(frozenset(changed), frozenset(truth))


def merged(windows: Iterable[Window]) -> list[Window]:
    """Join windows that touch or overlap.

    Examples
    --------
    >>> from datetime import UTC
    >>> at = [datetime(2024, 1, day, tzinfo=UTC) for day in range(1, 6)]
    >>> [w.end.day for w in merged([Window(at[0], at[2]), Window(at[1], at[3]), Window(at[4], at[4])])]
    [4, 5]
    """
    joined: list[Window] = []
    for window in sorted(windows):
        if joined and window.start <= joined[-1].end:
            joined[-1] = Window(joined[-1].start, max(joined[-1].end, window.end))
        else:
            joined.append(window)
    return joined


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
