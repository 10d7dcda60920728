"""The aftermath of a window: what still came when its horizon had closed is counted once, and revises nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.domain.window import Window
from monitor.profile.digest import Digest
from monitor.service.job import Job
from monitor.service.tiles.arrivals import at_least
from monitor.service.tiles.observe import stretches
from monitor.source.fingerprints import fingerprints
from monitor.store import arrivals, tile_facts
from monitor.store.tile_facts import TileFacts

LONGEST = timedelta(days=30)
REACH = timedelta(days=7)  # tiles that were not looked at for that long after their turn are let be


@dataclass(frozen=True)
class Aftermath:
    """Closed tiles whose turn it is, and when the next one has its."""

    tiles: tuple[Window, ...] = ()
    next_at: datetime | None = None


def aftermath(job: Job, still_open: Collection[Window]) -> Aftermath:
    """Return the tiles in closed windows only that are looked at a last time, a horizon (at most 30 days) later."""
    wait = min(job.closes_after, LONGEST)
    longest = timedelta(hours=job.calendar.spec.size.hours)
    end = min((w.start for w in still_open), default=job.clock)
    start = job.clock - wait - job.closes_after - longest - REACH
    with job.store.read() as conn:
        facts = {f.start: f for f in tile_facts.load(conn, job.model_id, start, end)}
        seen = arrivals.load(conn, job.model_id, start, end)
    tiles, later = [], []
    for one in seen:
        known = facts.get(one.start)
        turn = job.calendar.window_at(one.start).end + longest + job.closes_after + wait
        if known is None or known.rolled or one.looked_at >= turn:
            continue
        if turn <= job.clock:
            tiles.append(Window(known.start, known.end))
        else:
            later.append(turn)
    return Aftermath(tuple(tiles), min(later, default=None))


def late_after_close(job: Job, tiles: Sequence[Window]) -> int:
    """Return how many rows of these tiles came, went or got other ground truth since they were last counted."""
    if not tiles:
        return 0
    with job.store.read() as conn:
        found = tile_facts.load(conn, job.model_id, tiles[0].start, tiles[-1].end)
    stamp, wanted = job.source.stamp(), {tile.start for tile in tiles}
    facts = {f.start: f for f in found if f.start in wanted and (stamp is None or f.stamp != stamp)}
    late = 0
    for bounds in stretches(job, list(facts)):
        now = fingerprints(job.source, bounds)
        late += sum(_late(facts[begin], now.get(t, Digest())) for t, begin in enumerate(bounds[:-1]))
    return late


def _late(before: TileFacts, now: Digest) -> int:
    old = Digest.parse(before.digest)
    return max(at_least(old, now), abs(now.labelled - old.labelled))
