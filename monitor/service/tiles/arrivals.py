"""Arrivals: what is noted of a tile whenever it is counted or looked at, its ground truth by age and its late rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from monitor.domain.delay_curve import AGES, step
from monitor.profile.count.delays import arrived_by_age
from monitor.profile.digest import Digest
from monitor.profile.layout import Layout
from monitor.profile.moved import moved
from monitor.profile.profile import Profile
from monitor.service.job import Job
from monitor.store import arrivals, tile_facts
from monitor.store.arrivals import Arrivals
from monitor.store.tile_facts import TileFacts

NEVER_SEEN = (None,) * len(AGES)


def note_counted(
    conn: Connection, job: Job, layout: Layout, found: Sequence[TileFacts], counted: Mapping[datetime, Profile]
) -> set[datetime]:
    """Note tiles that were counted, before what was known of them is replaced; return those that have changed.

    Parameters
    ----------
    conn : Connection
        The transaction that stores the tiles.
    found : sequence of TileFacts
        The new facts, oldest first.
    counted : mapping of datetime to Profile
        The counts of all rows of each tile; an empty tile has none.
    """
    if not found:
        return set()
    start, end = found[0].start, found[-1].end
    known = {f.start: f for f in tile_facts.load(conn, job.model_id, start, end) if not f.rolled}
    changed = {f.start for f in found if f.start in known and known[f.start].digest != f.digest}
    before = arrivals.counted_before(conn, job.model_id, layout.fingerprint, changed)
    seen = {one.start: one for one in arrivals.load(conn, job.model_id, start, end)}
    noted = []
    nothing = Profile(layout.fingerprint, {})
    for facts in found:
        profile = counted.get(facts.start, nothing)
        late = 0
        if facts.start in changed:
            late = at_least(Digest.parse(known[facts.start].digest), Digest.parse(facts.digest))
        if facts.start in before:
            blob = before[facts.start]
            late = max(late, moved(layout, nothing if blob is None else Profile.from_bytes(blob), profile))
        noted.append(replace(look(job, facts, seen.get(facts.start), profile), late=late))
    arrivals.upsert_many(conn, job.model_id, noted)
    return changed


def look(job: Job, facts: TileFacts, before: Arrivals | None, profile: Profile | None) -> Arrivals:
    """Return what is known of a tile after this look, given its counts if it was counted anew."""
    truth = job.config.source.ground_truth
    if truth is not None and truth.time is not None:
        if profile is None and before is not None:
            return replace(before, looked_at=job.clock)
        by_age: tuple[int | None, ...] = arrived_by_age(profile.parts.get("delays")) if profile else NEVER_SEEN
        return Arrivals(facts.start, job.clock, facts.rows, facts.labelled, by_age, profile is not None)
    by_age = NEVER_SEEN if before is None else before.by_age
    reached = step(job.clock - facts.start - (facts.end - facts.start) / 2)
    if reached is not None and by_age[reached] is None:
        by_age = (*by_age[:reached], facts.labelled, *by_age[reached + 1 :])
    return Arrivals(facts.start, job.clock, facts.rows, facts.labelled, by_age)


def at_least(old: Digest, new: Digest) -> int:
    """Return how many rows at least came late, went or got other ground truth: what differs in number, else one.

    Rows that get their first ground truth are none of these.

    Examples
    --------
    >>> at_least(Digest(10, 5, 1, 1), Digest(12, 5, 9, 1)), at_least(Digest(10, 5, 1, 1), Digest(10, 5, 1, 2))
    (2, 1)
    """
    if (old.rows, old.ids) != (new.rows, new.ids):
        return max(1, abs(new.rows - old.rows))
    replaced = old.labels != new.labels and new.labelled <= old.labelled
    return max(old.labelled - new.labelled, int(replaced))
