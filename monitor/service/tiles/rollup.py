"""Rolling up: the tiles of a local day become one, once nothing needs its hours apart any more."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import Connection

from monitor.domain.calendar import Calendar
from monitor.domain.window import Window
from monitor.profile.digest import Digest
from monitor.profile.layout import Layout
from monitor.service.job import Guard, Job
from monitor.service.tiles.observe import SAME, profiles_of, summed
from monitor.store import tile_facts, tiles
from monitor.store.engine import Store
from monitor.store.tile_facts import TileFacts
from monitor.store.tiles import Tile

_INSTANT = timedelta(microseconds=1)
WHOLE = ("", "")


def whole_days(
    store: Store, model_id: int, calendar: Calendar, until: datetime, needed: Sequence[Window]
) -> dict[Window, list[str]]:
    """Return the local days that end by ``until`` and can be rolled up, each with the fingerprints that can.

    All hours of the day must be there, and none of the ``needed`` intervals may begin or end inside it.
    """
    edges = sorted({edge for window in needed for edge in (window.start, window.end)})
    found: dict[Window, list[str]] = {}
    with store.read() as conn:
        stored = tiles.hours(conn, model_id, until)
    for fingerprint, hours in stored.items():
        for day in _days(calendar, hours):
            bounds = calendar.tiles(day.start, day.end)
            complete = all(hours.get(begin) == end for begin, end in pairwise(bounds))
            inside = bisect_left(edges, day.end) > bisect_right(edges, day.start)
            if complete and not inside and len(bounds) > 2:
                found.setdefault(day, []).append(fingerprint)
    return dict(sorted(found.items()))


def roll_up(store: Store, model_id: int, day: Window, fingerprints: Sequence[str], guard: Guard) -> int:
    """Replace the tiles of a day by one for each version and segment, in one transaction; returns how many went.

    They are added up outside of it; 0 when they have changed meanwhile, and the day is left to the next time.
    """
    with store.read() as conn:
        hours, facts = _read(conn, model_id, day, fingerprints)
    summed_up = {fingerprint: day_tiles(found, day) for fingerprint, found in hours.items()}

    def replace_hours(conn: Connection) -> int:
        guard(conn)
        tiles.lock(conn, model_id)
        if _read(conn, model_id, day, fingerprints) != (hours, facts):
            return 0
        for fingerprint, found in summed_up.items():
            tiles.remove(conn, model_id, fingerprint, day.start, day.end)
            tiles.upsert_many(conn, model_id, fingerprint, found)
        if facts:
            tile_facts.remove(conn, model_id, day.start, day.end)
            tile_facts.upsert_many(conn, model_id, [day_facts(facts, day)])
        return sum(len(found) for found in hours.values()) - sum(len(found) for found in summed_up.values())

    return store.transact(replace_hours)


def day_tiles(hours: Sequence[Tile], day: Window) -> list[Tile]:
    """Return the tiles of a day, one for each version and segment, whose counts are the sums of its hours'."""
    pieces = profiles_of(hours)
    sums, whole = summed(pieces), [id(profile) for profile in pieces.get(WHOLE, ())]
    rows: dict[tuple[str, str], tuple[int, int]] = {}
    for hour in hours:
        n, labelled = rows.get((hour.version, hour.segment), (0, 0))
        rows[hour.version, hour.segment] = n + hour.rows, labelled + hour.labelled
    found = []
    for (version, segment), (n, labelled) in rows.items():
        slot = (version, segment)
        blob = sums[slot].to_bytes() if slot in sums else None
        if slot != WHOLE and [id(profile) for profile in pieces.get(slot, ())] == whole:
            blob = SAME
        found.append(Tile(day.start, day.end, n, labelled, blob, version, segment))
    return found


def day_facts(hours: Sequence[TileFacts], day: Window) -> TileFacts:
    """Return what the log held for a day, from what it held for its hours; their digests add."""
    latest = max((f.max_updated_at for f in hours if f.max_updated_at is not None), default=None)
    return replace(
        max(hours, key=lambda f: f.scanned_at),
        start=day.start,
        end=day.end,
        rows_read=sum(f.rows_read for f in hours),
        rows=sum(f.rows for f in hours),
        labelled=sum(f.labelled for f in hours),
        duplicates=sum(f.duplicates for f in hours),
        digest=sum((Digest.parse(f.digest) for f in hours), Digest()).text,
        max_updated_at=latest,
    )


def cutting(job: Job, layout: Layout, windows: Sequence[Window]) -> list[Window]:
    """Return those windows that cut a rolled-up day, or are compared with a stretch that cuts one."""
    trail = _trail(job)
    begin, end = min(w.start for w in windows) - trail[0], max(w.end for w in windows)
    with job.store.read() as conn:
        days = [Window(*day) for day in tiles.days(conn, job.model_id, layout.fingerprint, begin, end)]
    if not days:
        return []
    starts = [day.start for day in days]

    def inside(edge: datetime) -> bool:
        at = bisect_left(starts, edge) - 1
        return at >= 0 and starts[at] < edge < days[at].end

    def edges(window: Window) -> list[datetime]:
        if not trail[0]:
            return [window.start, window.end]
        first, last = (job.calendar.tiles(t, t + _INSTANT) for t in (window.start - trail[0], window.start - trail[1]))
        return [window.start, window.end, first[0], *last]

    return [window for window in windows if any(map(inside, edges(window)))]


def _trail(job: Job) -> tuple[timedelta, timedelta]:
    """Return how far before a window its reference begins and ends; nothing when it does not trail."""
    spec = job.config.reference
    if spec is None or spec.last is None or spec.lag is None:
        return timedelta(0), timedelta(0)
    return spec.last + spec.lag, spec.lag


def _days(calendar: Calendar, hours: Iterable[datetime]) -> Iterator[Window]:
    """Yield the local days that tiles lie in, each once; they come oldest first."""
    day = None
    for start in hours:
        if day is None or start >= day.end:
            day = Window(calendar.days_after(start, 0), calendar.days_after(start, 1))
            yield day


def _read(
    conn: Connection, model_id: int, day: Window, fingerprints: Sequence[str]
) -> tuple[dict[str, list[Tile]], list[TileFacts]]:
    found = {f: list(tiles.load_many(conn, model_id, f, day.start, day.end)) for f in fingerprints}
    return found, tile_facts.load(conn, model_id, day.start, day.end)
