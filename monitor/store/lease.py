"""A lease: one worker's right to do one piece of a model's work, until it expires."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, select, update

from monitor.errors import StaleLeaseError
from monitor.store.runs import Run
from monitor.store.tables import chores, runs

WINDOW: Final = "window"
PREPARE, SWEEP, RETAIN = "prepare", "sweep", "retain"  # the chores


@dataclass(frozen=True, slots=True)
class Lease:
    """What a worker holds: a window of a model (``run``), or a chore of it (``kind``).

    ``fence`` grows with every claim of the same work: who comes back with an old one has lost it.
    """

    model_id: int
    kind: str
    owner: str
    fence: int
    until: datetime
    run: Run | None = None

    @property
    def mine(self) -> ColumnElement[bool]:
        """The condition that this work is still held under this fence."""
        if self.run is not None:
            return and_(runs.c.id == self.run.id, runs.c.fence == self.fence, runs.c.status == "leased")
        named = and_(chores.c.model_id == self.model_id, chores.c.kind == self.kind)
        return and_(named, chores.c.fence == self.fence, chores.c.owner == self.owner)


def hold(conn: Connection, lease: Lease) -> None:
    """Demand, before anything is written, that the lease is still ours, and keep it so until the transaction ends.

    Raises
    ------
    StaleLeaseError
        Somebody else has taken over the work.
    """
    table = chores if lease.run is None else runs
    if conn.execute(select(table.c.fence).where(lease.mine).with_for_update()).first() is None:
        raise stale(lease)


def renew(conn: Connection, lease: Lease, now: datetime, duration: timedelta) -> bool:
    """Keep the lease for another ``duration``; returns whether it was still ours."""
    table = chores if lease.run is None else runs
    kept = update(table).where(lease.mine).values(lease_until=now + duration).returning(table.c.model_id)
    return conn.execute(kept).first() is not None


def stale(lease: Lease) -> StaleLeaseError:
    """Return the error of a worker that comes too late."""
    what = lease.kind if lease.run is None else f"window {lease.run.window.start:%Y-%m-%d %H:%M} UTC"
    return StaleLeaseError(f"{lease.owner} no longer holds the {what} of model {lease.model_id} (fence {lease.fence})")
