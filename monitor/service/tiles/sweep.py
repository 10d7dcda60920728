"""Sweeping: tiles whose rows or ground truth have changed since they were counted are found and counted again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from monitor.domain.window import Window
from monitor.profile.digest import Digest
from monitor.profile.layout import Layout
from monitor.service.job import Job
from monitor.service.tiles.observe import count_tiles
from monitor.source.fingerprints import fingerprints
from monitor.store import tile_facts, tiles
from monitor.store.tile_facts import TileFacts


def sweep(job: Job, layout: Layout, windows: Collection[Window], skip: Collection[datetime]) -> set[datetime]:
    """Compare the log with what was counted inside these windows and count again what differs; ``skip`` was just read.

    Returns the beginnings of the tiles that had changed.

    A log that shows by its stamp that nobody has written to it is not read. Any other is asked for the fingerprints
    of all tiles together, not for rows.
    """
    stamp, facts = job.source.stamp(), _facts(job, windows, skip)
    changed, done = _uncounted(job, layout, facts), 0
    facts = [f for f in facts if f.start not in changed and (stamp is None or f.stamp != stamp)]
    for group in _groups(facts):
        job.progress("looking for late rows", done, len(facts))
        changed |= _differing(job, group)
        done += len(group)
    same = {f.start: f.digest for f in facts if f.start not in changed}
    if stamp is not None and same:
        job.transact(partial(_agree, job.model_id, same, stamp))
    count_tiles(job, layout, sorted(changed))
    return changed


def _agree(model_id: int, same: Mapping[datetime, str], stamp: str, conn: Connection) -> None:
    tiles.lock(conn, model_id)
    tile_facts.agree(conn, model_id, same, stamp)


def _facts(job: Job, windows: Collection[Window], skip: Collection[datetime]) -> list[TileFacts]:
    """Return what is known of the tiles inside windows, oldest first; rolled-up days are no longer compared."""
    left = set(skip)
    with job.store.read() as conn:
        found = [f for w in merged(windows) for f in tile_facts.load(conn, job.model_id, w.start, w.end)]
    return [f for f in found if f.start not in left and not f.rolled]


def _uncounted(job: Job, layout: Layout, facts: Sequence[TileFacts]) -> set[datetime]:
    """Return the tiles whose change another sweep has found and counted, under other bins only."""
    if not facts:
        return set()
    with job.store.read() as conn:
        counted = tiles.starts(conn, job.model_id, layout.fingerprint, facts[0].start, facts[-1].end)
    return {f.start for f in facts} - counted


def _groups(facts: Sequence[TileFacts]) -> list[list[TileFacts]]:
    """Divide tiles into as few questions as ask for no more of the log between the tiles than in them.

    Examples
    --------
    >>> from datetime import UTC, timedelta
    >>> hours = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=h) for h in (0, 1, 3, 4, 90)]
    >>> tiles = [TileFacts(at, at + timedelta(hours=1), 1, 1, 0, 0, "", at) for at in hours]
    >>> [len(group) for group in _groups(tiles)]
    [4, 1]
    """
    groups: list[list[TileFacts]] = []
    covered = timedelta()
    for tile in facts:
        if not groups or tile.start - groups[-1][-1].end > covered:
            groups.append([])
            covered = timedelta()
        groups[-1].append(tile)
        covered += tile.end - tile.start
    return groups


def _differing(job: Job, group: Sequence[TileFacts]) -> set[datetime]:
    """Return the beginnings of the tiles that the log now has other rows or other ground truth for."""
    bounds = sorted({at for tile in group for at in (tile.start, tile.end)})
    place = {at: t for t, at in enumerate(bounds)}
    found = fingerprints(job.source, bounds)
    changed = set()
    for tile in group:
        pieces = (found.get(t, Digest()) for t in range(place[tile.start], place[tile.end]))
        if sum(pieces, Digest()).text != tile.digest:
            changed.add(tile.start)
    return changed


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
