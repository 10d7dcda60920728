"""Sweeping on schedule: tiles whose turn it is are looked at, and windows that deserve a revision get one due."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor.domain.window import Window
from monitor.errors import LearningError
from monitor.failpoints import failpoint
from monitor.service.job import Job
from monitor.service.measuring.revise import Verdict, worth
from monitor.service.reference.pins import Pins, pins
from monitor.service.reference.reference import Reference
from monitor.service.tiles.delay_curve import final_share, note_looked_at
from monitor.service.tiles.sweep import merged, sweep
from monitor.service.tiles.turn import next_look
from monitor.service.windows.aftermath import aftermath, late_after_close
from monitor.service.windows.judging import judge_all
from monitor.service.workbench import Workbench
from monitor.store import arrivals, clock, due, model_counters, runs, settle, tile_facts, tiles
from monitor.store.lease import Lease
from monitor.store.runs import Run

AGAIN = timedelta(days=1)  # for a model that has no window whose ground truth may still come
LEARNING = timedelta(hours=1)
KEPT = timedelta(days=100)  # what was noted of tiles teaches the delay curve for 90 days after their horizon


@dataclass(frozen=True)
class Swept:
    """What a sweep found: windows with the number and cause of the revision they are due, and when to look again.

    ``looked_at`` counts tiles; with none the log was not asked at all. ``late_after_close`` counts rows
    of the tiles that are ``over``: those were looked at for the last time.
    """

    revisions: tuple[tuple[Window, int, str], ...]
    next_at: datetime
    looked_at: int = 0
    over: tuple[Window, ...] = ()
    late_after_close: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """A tile, and when it is looked at next."""

    tile: Window
    at: datetime


def resweep(bench: Workbench, job: Job, lease: Lease) -> Swept:
    """Do the leased chore: look, enter what is due, and settle when to look again.

    Raises
    ------
    StaleLeaseError
        Somebody else has taken it over.
    SourceError
        The log cannot be read.
    """
    try:
        swept = look(job, bench.reference(job))
    except LearningError:
        swept = Swept((), job.now + LEARNING)
    failpoint("swept")
    with job.write(ledger=True) as conn:
        now = clock.now(conn)
        enter(conn, job, swept, now)
        failpoint("revisions entered")
        settle.finish_chore(conn, lease, now, max(swept.next_at, now))
    return swept


def look(job: Job, current: Reference) -> Swept:
    """Look at the tiles whose turn it is, count again what has changed, and judge every window that is still open."""
    with job.store.read() as conn:
        known = runs.unclosed(conn, job.model_id)
    found = pins(job, current, known)
    mine = [last for last in known if found.of(last) is not None]
    windows = [last.window for last in mine]
    turns = [one.tile for one in looks(job, windows) if one.at <= job.clock]
    if turns:
        _sweep(job, found, mine, turns)
        job.transact(lambda conn: note_looked_at(conn, job, turns))
    over = aftermath(job, windows)
    late = late_after_close(job, over.tiles)
    verdicts = judge_all(job, found, mine, final_share(job), least=worth)
    revised = tuple(
        (last.window, last.revision + 1, why)
        for last in mine
        if (verdict := verdicts.get(last.window)) and verdict.due and (why := verdict.cause)
    )
    next_at = min(_next(job, mine, verdicts), over.next_at or job.clock + AGAIN)
    return Swept(revised, next_at, len(turns) + len(over.tiles), over.tiles, late)


def looks(job: Job, windows: Sequence[Window]) -> list[Look]:
    """Return the tiles that were counted for these windows and when each is looked at next, oldest first."""
    ends = sorted({window.end for window in windows})
    found = []
    with job.store.read() as conn:
        for stretch in merged(windows):
            seen = {a.start: a.looked_at for a in arrivals.load(conn, job.model_id, stretch.start, stretch.end)}
            for facts in tile_facts.load(conn, job.model_id, stretch.start, stretch.end):
                if facts.rolled:
                    continue
                looked_at = seen.get(facts.start, facts.scanned_at)
                after = bisect_right(ends, max(facts.start, looked_at - job.closes_after))
                close = ends[after] + job.closes_after if after < len(ends) else None
                found.append(Look(Window(facts.start, facts.end), next_look(facts.end, looked_at, close)))
    return found


def _sweep(job: Job, found: Pins, mine: Sequence[Run], turns: Sequence[Window]) -> None:
    """Look at tiles under the bins of each reference that some window with them rests on."""
    parts: dict[int, tuple[Reference, list[Window]]] = {}
    for last in mine:
        against = found.of(last)
        if against is not None:
            parts.setdefault(against.stored.id, (against, []))[1].append(last.window)
    for against, windows in parts.values():
        spans = merged(windows)
        inside = [tile for tile in turns if any(tile.overlaps(span) for span in spans)]
        sweep(job, against.layout, inside, ())


def _next(job: Job, mine: Sequence[Run], verdicts: dict[Window, Verdict]) -> datetime:
    """Return when something is to be looked at again."""
    open_still = [last.window for last in mine if last.window.end + job.closes_after > job.clock]
    times = [one.at for one in looks(job, open_still)]
    times += [verdict.not_before for verdict in verdicts.values() if verdict.not_before is not None]
    return min([*times, job.clock + AGAIN])


def enter(conn: Connection, job: Job, swept: Swept, now: datetime) -> int:
    """Enter the revisions found as due, those there already left as they are; return how many were new."""
    tiles.lock(conn, job.model_id)
    arrivals.forget(conn, job.model_id, job.clock - job.closes_after - KEPT - _longest(job))
    note_looked_at(conn, job, swept.over)
    if swept.late_after_close:
        model_counters.add(conn, job.model_id, "late_after_close", swept.late_after_close)
    return sum(due.enter_revision(conn, job.model_id, *one, now) for one in swept.revisions)


def _longest(job: Job) -> timedelta:
    return timedelta(hours=job.calendar.spec.size.hours)
