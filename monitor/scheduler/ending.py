"""Endings: what the ledger is told when a leased piece of work has ended, and what the log says."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from sqlalchemy import Connection
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
        store.transact(partial(model_counters.add, model_id=lease.model_id, name="stale_fences"))
    elif reply.kind == "memory":
        buried(store, lease, reply.error, log)
    elif reply.kind in ("store", "later"):
        log.warning("put off", error=reply.error)
        wait = LATER if reply.kind == "later" else timedelta(seconds=1)
        store.transact(lambda conn: settle.postpone(conn, lease, clock.now(conn) + wait))
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
    if store.transact(partial(_count_failure, lease, reply)):
        log.warning("the source is left alone for a while", state=reply.state)


def _count_failure(lease: Lease, reply: Reply, conn: Connection) -> bool:
    """Count a failed attempt; returns whether the source is left alone now."""
    models.lock(conn, lease.model_id)  # before its windows, as everybody does: no two wait for each other
    now = clock.now(conn)
    settle.fail(conn, lease, reply.state, reply.error, now)
    stored = models.get(conn, lease.model_id)
    if stored is None or reply.kind != "source":
        return False
    return health.faulted(conn, stored, SourceError(reply.error, state=reply.state), now)


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
    quarantined = store.transact(partial(_count_death, lease, why))
    log.error("quarantined: `monitor retry` lifts it" if quarantined else "the compute process died", error=why)


def _count_death(lease: Lease, why: str, conn: Connection) -> bool:
    model_counters.add(conn, lease.model_id, "child_deaths")
    return settle.died(conn, lease, why, clock.now(conn))


def given_back(store: Store, lease: Lease, log: FilteringBoundLogger) -> None:
    """Give work back at the end of a worker, so that another need not wait for the lease to expire."""
    try:
        store.transact(partial(settle.release, lease=lease))
        log.info("given back")
    except StaleLeaseError:
        log.info("done or taken over while stopping")
