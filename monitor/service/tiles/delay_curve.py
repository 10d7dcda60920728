"""The label-delay curve of a model: learned from what was noted of its tiles, each time they were looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor.domain.delay_curve import AGES, Arrived, DelayCurve, learn
from monitor.domain.window import Window
from monitor.service.job import Job
from monitor.service.tiles.arrivals import look
from monitor.service.tiles.sweep import merged
from monitor.store import arrivals, tile_facts, tiles
from monitor.store.arrivals import Arrivals

LEARNED_FROM = timedelta(days=90)


def note_looked_at(conn: Connection, job: Job, windows: Iterable[Window]) -> None:
    """Note that the tiles of these windows were looked at: that some have not changed tells something too."""
    tiles.lock(conn, job.model_id)  # those who count them note it too
    for stretch in merged(windows):
        facts = tile_facts.load(conn, job.model_id, stretch.start, stretch.end)
        seen = {one.start: one for one in arrivals.load(conn, job.model_id, stretch.start, stretch.end)}
        mine = [f for f in facts if not f.rolled]
        older = [f for f in mine if f.start not in seen or seen[f.start].looked_at < job.clock]
        noted = [replace(look(job, f, seen.get(f.start), None), late=0) for f in older]
        arrivals.upsert_many(conn, job.model_id, noted)


def delay_curve(job: Job) -> DelayCurve | None:
    """Return what is known of how long ground truth takes, from the tiles whose horizon closed in the last 90 days."""
    if "target" not in job.model.roles:
        return None
    with job.store.read() as conn:
        return known_curve(conn, job.model_id, job.clock, job.closes_after)


def final_share(job: Job) -> float | None:
    """Return the share of rows that will have ground truth in the end, 0 to 1; None while too little is known."""
    curve = delay_curve(job)
    return None if curve is None else curve.final


def known_curve(conn: Connection, model_id: int, clock: datetime, horizon: timedelta) -> DelayCurve | None:
    """Return the same as the store knows it, at an instant, of a model with ground truth."""
    closed = clock - horizon
    found = arrivals.load(conn, model_id, closed - LEARNED_FROM, closed - timedelta(hours=1))
    return learn([_arrived(one, horizon) for one in found], horizon)


def _arrived(one: Arrivals, horizon: timedelta) -> Arrived:
    """Return a closed tile as the curve learns from it; one nobody looked at since does not tell how it ended."""
    if not one.stamped:
        return Arrived(one.rows, one.by_age, one.labelled if one.looked_at >= one.start + horizon else None)
    ends = next((i for i, age in enumerate(AGES) if age >= horizon), None)
    return Arrived(one.rows, one.by_age, one.labelled if ends is None else one.by_age[ends])
