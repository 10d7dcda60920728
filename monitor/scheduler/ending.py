"""Endings: what the ledger is told when a leased piece of work has ended, and what the log says."""

from __future__ import annotations

from datetime import timedelta

from structlog.typing import FilteringBoundLogger

from monitor.errors import SourceError, StaleLeaseError
from monitor.scheduler.reply import Reply
from monitor.service import health
from monitor.store import clock, model_counters, models, runs, settle
from monitor.store.claims import FRESH
from monitor.store.engine import Store
from monitor.store.lease import Lease

LATER = timedelta(minutes=5)


def ended(store: Store, lease: Lease, reply: Reply, log: FilteringBoundLogger) -> None:
    """Tell how a child's work ended.

    Raises
    ------
    StaleLeaseError
        The work is somebody else's by now.
    """
    if reply.kind == "done":
        say = log.info if lease.run is not None and lease.run.priority == FRESH else log.debug
        say("done", seconds=round(reply.seconds, 3))  # chores and the backlog are many
        if reply.error:
            log.error("stored, but not judged: it raises no alarm", error=reply.error)
    elif reply.kind == "stale":
        log.warning("dropped: somebody else holds it now", fence=lease.fence)
        with store.write() as conn:
            model_counters.add(conn, lease.model_id, "stale_fences")
    elif reply.kind == "memory":
        buried(store, lease, reply.error, log)
    elif reply.kind in ("store", "later"):
        log.warning("put off", error=reply.error)
        with store.write() as conn:
            settle.postpone(conn, lease, clock.now(conn) + (LATER if reply.kind == "later" else timedelta(seconds=1)))
    else:
        failed(store, lease, reply, log)


def failed(store: Store, lease: Lease, reply: Reply, log: FilteringBoundLogger) -> None:
    """Count a failed attempt, and what it says of the model's source.

    Raises
    ------
    StaleLeaseError
        The work is somebody else's by now.
    """
    log.error("failed", state=reply.state, error=reply.error)
    with store.write() as conn:
        now = clock.now(conn)
        settle.fail(conn, lease, reply.state, reply.error, now)
        stored = models.get(conn, lease.model_id)
        if stored is not None and reply.kind == "source":
            resting = health.faulted(conn, stored, SourceError(reply.error, state=reply.state), now)
            if resting:
                log.warning("the source is left alone for a while", state=reply.state)


def buried(store: Store, lease: Lease, why: str, log: FilteringBoundLogger) -> None:
    """Count the death of a child, unless its commit had gone through.

    Raises
    ------
    StaleLeaseError
        The work is somebody else's by now.
    """
    with store.read() as conn:
        run = runs.get(conn, lease.run.id) if lease.run is not None else None
    if run is not None and run.status == "done" and run.fence == lease.fence:
        log.info("done; its process has died since", error=why)
        return
    with store.write() as conn:
        model_counters.add(conn, lease.model_id, "child_deaths")
        quarantined = settle.died(conn, lease, why, clock.now(conn))
    log.error("quarantined: `monitor retry` lifts it" if quarantined else "the compute process died", error=why)


def given_back(store: Store, lease: Lease, log: FilteringBoundLogger) -> None:
    """Give work back at the end of a worker, so that another need not wait for the lease to expire."""
    try:
        with store.write() as conn:
            settle.release(conn, lease)
        log.info("given back")
    except StaleLeaseError:
        log.info("done or taken over while stopping")
