"""Preparing: the first look at a model's log, its reference, and the windows that lie behind."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor.errors import LearningError, SourceError
from monitor.failpoints import failpoint
from monitor.service import health
from monitor.service.checking.first_look import demand_sane_start
from monitor.service.job import Job
from monitor.service.run import Span, due_windows
from monitor.service.windows.catch_up import plan
from monitor.service.windows.materialise import came_due, enter
from monitor.service.workbench import Workbench
from monitor.store import clock, due, models, runs, settle
from monitor.store.lease import RETAIN, SWEEP, Lease
from monitor.store.models import StoredModel

AGAIN = timedelta(hours=1)
EMPTY = timedelta(minutes=1)  # a log without rows is looked at more often: somebody is waiting for it
SKEW = timedelta(minutes=1)


def prepare(bench: Workbench, job: Job, lease: Lease) -> None:
    """Look at a model's log, freeze its reference, and enter the windows that are due already.

    A model without any window gets all of them since its first row; one that has some is caught up with by the ticks.
    Looked at again every hour, so that faults of the source are known and named even while no window is due.

    Raises
    ------
    StaleLeaseError
        Somebody else has taken it over.
    SourceError
        The log cannot be read.
    """
    demand_sane_start(job.config, job.first, min(job.last, job.now))
    learned, wait = True, AGAIN
    try:
        bench.reference(job)
    except LearningError:
        learned, wait = False, min(AGAIN, max(EMPTY, job.learned_at + job.config.delay - job.now))
    skewed = skew(job)
    failpoint("prepared")
    with job.write(ledger=True) as conn:
        now = clock.now(conn)
        settle.finish_chore(conn, lease, now, now + wait)
        stored = models.find(conn, job.model.name)
        if stored is None:
            return
        if learned:
            _begin(conn, job, stored, now)
        health.answered(conn, stored, now)
        if skewed is not None:
            models.note_source(conn, stored.id, "clock_skew", skewed, now)


def wait_for_rows(bench: Workbench, lease: Lease) -> None:
    """Put off the look at a log that has no rows yet."""
    with bench.store.write() as conn:
        now = clock.now(conn)
        settle.finish_chore(conn, lease, now, now + EMPTY)


def skew(job: Job) -> str | None:
    """Say by how much the source's clock differs from the store's; None when it does not, or has no clock."""
    theirs = job.source.clock()
    if theirs is None:
        return None
    with job.store.read() as conn:
        ours = clock.now(conn)
    apart = theirs - ours
    if abs(apart) < SKEW:
        return None
    ahead = "ahead of" if apart > timedelta(0) else "behind"
    return (
        f"the source's clock is {abs(apart).total_seconds():.0f} s {ahead} the store's: windows may close early or late"
    )


def _begin(conn: Connection, job: Job, stored: StoredModel, now: datetime) -> None:
    """Enter what is due so far, from the first row on for a model without windows, and give it its chores."""
    if stored.grid_start is None or stored.materialised_until is None:
        due.begin(conn, stored.id, job.grid_start)
        config, last = job.config, runs.last(conn, stored.id)
        present = job.calendar.window_at(max(job.grid_start, now - config.catchup_window)).start
        windows = due_windows(job, Span(), bounded=True)
        if last is None:
            enter(conn, stored.id, plan(windows, now, delay=config.delay), now)
        else:  # `monitor run` was here: what came due since is caught up with as after a pause
            behind = [window for window in windows if window.end > last.window.end]
            missed = plan(behind, now, delay=config.delay, policy=config.catchup, reach=config.catchup_window)
            enter(conn, stored.id, missed, now)
            enter(conn, stored.id, came_due(config, present, now), now)
        due.advance(conn, stored.id, present)
    for kind in (SWEEP, RETAIN):
        due.schedule(conn, stored.id, kind, now)


def unreadable(model: str) -> SourceError:
    """Return the error of a window that is due in a log which has no rows any more."""
    return SourceError(
        f"the log of model {model!r} has no rows any more", "was its table emptied, or `where:` changed?"
    )
