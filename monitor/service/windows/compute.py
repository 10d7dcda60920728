"""Computing one leased window: count its tiles, measure them, and commit everything under the lease's fence."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from monitor.domain.window import Window
from monitor.errors import StoreError
from monitor.failpoints import failpoint
from monitor.service import health
from monitor.service.alarms import alarm
from monitor.service.alarms.judged import Judged, judge
from monitor.service.job import Job
from monitor.service.measuring.measure import Measured, measure
from monitor.service.reference.reference import earliest
from monitor.service.tiles.delay_curve import delay_curve
from monitor.service.tiles.observe import observe
from monitor.service.tiles.turn import every
from monitor.service.workbench import Workbench
from monitor.store import changes, clock, due, measurements, model_counters, models, runs, settle
from monitor.store.lease import SWEEP, Lease
from monitor.store.runs import Run

AHEAD = timedelta(days=31)  # how far tiles of a backlog are read in one pass


def compute(bench: Workbench, job: Job, lease: Lease, run: Run) -> str | None:
    """Do one leased window from the log to the commit; returns why its rules could not judge it, None when they did.

    Raises
    ------
    StaleLeaseError
        Somebody else has taken the window over; nothing of it was stored.
    LearningError, SourceError, StoreError
        It cannot be done now.
    """
    reference = bench.reference(job, _rests_on(job, run))
    failpoint("read")
    observe(job, reference.layout, earliest(job, run.window.start), _ahead(job, run.window))
    failpoint("counted")
    curve = delay_curve(job)
    measured = measure(job, reference, run.window, run.revision, expected=curve.final if curve else None)
    failpoint("measured")
    judged = judge(job, bench.watches, reference, measured, run.revision, curve)
    failpoint("judged")
    commit(job, lease, run, measured, judged)
    failpoint("committed")
    return judged.fault


def commit(job: Job, lease: Lease, run: Run, measured: Measured, judged: Judged) -> None:
    """Store the measurements, alarms, the run's end and the change feed in one transaction that must match the fence.

    Raises
    ------
    StaleLeaseError
        It did not match; nothing was stored.
    """
    try:
        with job.write(ledger=True) as conn:
            now = clock.now(conn)
            settle.finish(conn, lease, replace(measured.outcome, cause=run.outcome.cause), now)
            failpoint("finished")
            measurements.insert_many(conn, job.model_id, run.id, measured.found)
            failpoint("stored")
            alarm.enter(conn, job, {run.id: judged})
            failpoint("alarmed")
            stored = models.find(conn, job.model.name)
            if stored is not None:
                health.answered(conn, stored, now)
            if not measured.outcome.closed:
                due.schedule(conn, job.model_id, SWEEP, now + every(timedelta(0)))
            if run.revision:
                model_counters.add(conn, job.model_id, "revisions")
            kind = "revision" if run.revision else "window"
            changes.append(conn, [changes.Change(job.model_id, kind, now, run.window, run.revision, run.id)])
            failpoint("told")
    except StoreError:
        if not is_done(job, lease, run):
            raise


def is_done(job: Job, lease: Lease, run: Run) -> bool:
    """Look again, after a connection was lost while committing, whether the commit went through under this fence."""
    with job.store.read() as conn:
        found = runs.get(conn, run.id)
    return found is not None and found.status == "done" and found.fence == lease.fence


def _rests_on(job: Job, run: Run) -> int | None:
    """Return the reference that a revision is put beside: the one its window was measured with."""
    if not run.revision:
        return None
    with job.store.read() as conn:
        before = [one for one in runs.latest(conn, job.model_id, run.window.start, _after(run.window.start))
                  if one.window == run.window]  # fmt: skip
    return before[0].outcome.reference_id if before else None


def _after(instant: datetime) -> datetime:
    return instant + timedelta(microseconds=1)


def _ahead(job: Job, window: Window) -> datetime:
    """Return how far tiles are counted: through the windows of the backlog that follow, since reading once is cheap."""
    with job.store.read() as conn:
        last = due.pending(conn, job.model_id, window.start, window.start + AHEAD)
    return max(window.end, min(last, window.start + AHEAD)) if last else window.end
