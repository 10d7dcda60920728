"""Settling: how leased work ends, done, given back, failed or dead; each only under the lease's own fence."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, update

from monitor.store.lease import Lease, stale
from monitor.store.runs import Outcome
from monitor.store.tables import chores, runs

BACKOFF = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
DEATHS = 3  # of its compute child, after which a window is not tried again

_FREE: dict[str, Any] = {"owner": None, "lease_until": None}
_WELL: dict[str, Any] = {"error_state": None, "error": None}


def finish(conn: Connection, lease: Lease, outcome: Outcome, now: datetime) -> None:
    """Enter a leased window as done.

    Raises
    ------
    StaleLeaseError
        The lease is not ours any more; the transaction must be rolled back.
    """
    found = asdict(outcome)
    if outcome.cause is None:
        del found["cause"]  # why a revision was due stays
    _end(conn, lease, {**found, **_FREE, **_WELL, "status": "done", "finished_at": now, "next_attempt_at": None})


def finish_chore(conn: Connection, lease: Lease, now: datetime, next_at: datetime) -> None:
    """Enter a leased chore as done, to be done again at ``next_at``.

    Raises
    ------
    StaleLeaseError
        The lease is not ours any more; the transaction must be rolled back.
    """
    _end(conn, lease, {**_FREE, **_WELL, "attempts": 0, "due_at": next_at, "done_at": now})


def release(conn: Connection, lease: Lease) -> None:
    """Give leased work back untouched, as at the end of a worker that was asked to stop.

    Raises
    ------
    StaleLeaseError
        The lease is not ours any more.
    """
    _end(conn, lease, {**_FREE} if lease.run is None else {**_FREE, "status": "due"})


def postpone(conn: Connection, lease: Lease, until: datetime) -> None:
    """Give leased work back, to be taken up again at ``until``; no attempt is counted.

    Raises
    ------
    StaleLeaseError
        The lease is not ours any more.
    """
    later = {"due_at": until} if lease.run is None else {"status": "due", "next_attempt_at": until}
    _end(conn, lease, {**_FREE, **later})


def fail(conn: Connection, lease: Lease, state: str, error: str, now: datetime) -> None:
    """Count a failed attempt: again after 30 s, 2 min and 10 min, then a window is ``failed``; chores go on for ever.

    Raises
    ------
    StaleLeaseError
        The lease is not ours any more.
    """
    said = {**_FREE, "error_state": state, "error": error}
    if lease.run is None:
        _end(conn, lease, {**said, "attempts": chores.c.attempts + 1, "due_at": now + BACKOFF[-1]})
        return
    attempts = lease.run.attempts + 1
    said |= {"attempts": attempts, "finished_at": now}
    if attempts > len(BACKOFF):
        _end(conn, lease, {**said, "status": "failed", "next_attempt_at": None})
    else:
        _end(conn, lease, {**said, "status": "due", "next_attempt_at": now + BACKOFF[attempts - 1]})


def died(conn: Connection, lease: Lease, why: str, now: datetime) -> bool:
    """Count a death of the process that computed; the third quarantines a window. Returns whether it did.

    A worker that vanishes altogether is never counted here: nobody is left to do it.

    Raises
    ------
    StaleLeaseError
        The lease is not ours any more.
    """
    if lease.run is None:
        fail(conn, lease, "crashed", why, now)
        return False
    deaths = lease.run.deaths + 1
    said = {**_FREE, "error_state": "crashed", "error": why, "deaths": deaths, "finished_at": now}
    if deaths >= DEATHS:
        _end(conn, lease, {**said, "status": "quarantined", "next_attempt_at": None})
        return True
    _end(conn, lease, {**said, "status": "due", "next_attempt_at": now + BACKOFF[0]})
    return False


def _end(conn: Connection, lease: Lease, values: dict[str, Any]) -> None:
    table = chores if lease.run is None else runs
    ended = update(table).where(lease.mine).values(values).returning(table.c.model_id)
    if conn.execute(ended).first() is None:
        raise stale(lease)
