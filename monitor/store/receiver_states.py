"""Receivers as the store knows them: lent to one sender at a time, and left alone for a while when they fail."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, or_, select, update

from monitor.store.alert_tables import receiver_states
from monitor.store.conflict import insert

OPENS_AFTER = 5  # failures in a row
PROBE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class ReceiverState:
    """How a receiver fares: after five failures in a row it is tried once a minute, at ``retry_at``.

    ``disabled_at`` is when it asked to be told nothing more. ``owner`` sends to it until ``lease_until``.
    """

    receiver: str
    failures: int = 0
    retry_at: datetime | None = None
    disabled_at: datetime | None = None
    error: str | None = None
    owner: str | None = None
    lease_until: datetime | None = None


def free(now: datetime) -> ColumnElement[bool]:
    """Return the condition that nobody sends to a receiver and that it is not left alone."""
    unheld = or_(receiver_states.c.lease_until.is_(None), receiver_states.c.lease_until <= now)
    return unheld & or_(receiver_states.c.retry_at.is_(None), receiver_states.c.retry_at <= now)


def take(conn: Connection, receiver: str, owner: str, now: datetime, until: datetime) -> ReceiverState | None:
    """Lend a receiver to one sender; None when another has it or it is left alone.

    Its row stays locked until the transaction ends.
    """
    row = insert(conn, receiver_states).values(receiver=receiver, owner=owner, lease_until=until)
    taken = row.on_conflict_do_update(
        index_elements=["receiver"],
        set_={"owner": owner, "lease_until": until},
        where=free(now),
    ).returning(*receiver_states.c)
    found = conn.execute(taken).first()
    return None if found is None else ReceiverState(*found)


def release(conn: Connection, receiver: str, owner: str) -> None:
    """Give a receiver back, if it is still ours."""
    ours = receiver_states.c.receiver == receiver, receiver_states.c.owner == owner
    conn.execute(update(receiver_states).where(*ours).values(owner=None, lease_until=None))


def answered(conn: Connection, receiver: str) -> bool:
    """Note that a receiver answers; returns whether it had been left alone."""
    before = conn.execute(select(receiver_states.c.failures).where(receiver_states.c.receiver == receiver)).scalar()
    _note(conn, receiver, failures=0, retry_at=None, error=None)
    return (before or 0) >= OPENS_AFTER


def failed(conn: Connection, receiver: str, error: str, now: datetime, rest_until: datetime | None = None) -> bool:
    """Count a failure; returns whether the receiver is left alone from this one on.

    Parameters
    ----------
    rest_until : datetime, optional
        Until when the receiver itself asked to be left alone.
    """
    more = receiver_states.c.failures + 1
    counted = update(receiver_states).where(receiver_states.c.receiver == receiver).values(failures=more, error=error)
    failures: int = conn.execute(counted.returning(receiver_states.c.failures)).scalar() or 0
    rests = [at for at in (rest_until, now + PROBE if failures >= OPENS_AFTER else None) if at is not None]
    if rests:
        _note(conn, receiver, retry_at=max(rests))
    return failures == OPENS_AFTER


def disable(conn: Connection, receiver: str, now: datetime, error: str) -> None:
    """Note that a receiver asked to be told nothing more."""
    _note(conn, receiver, disabled_at=now, error=error)


def enable(conn: Connection, receiver: str) -> None:
    """Begin anew with a receiver, whatever it said and however it failed."""
    _note(conn, receiver, disabled_at=None, failures=0, retry_at=None, error=None)


def enable_all(conn: Connection, receivers: Collection[str]) -> None:
    """Begin anew with those that had asked to be told nothing more, as when the file was read again."""
    silent = receiver_states.c.receiver.in_(receivers), receiver_states.c.disabled_at.is_not(None)
    conn.execute(update(receiver_states).where(*silent).values(disabled_at=None, error=None))


def every(conn: Connection) -> dict[str, ReceiverState]:
    """Return all receivers that something was ever sent to, by name."""
    return {row.receiver: ReceiverState(*row) for row in conn.execute(select(receiver_states))}


def _note(conn: Connection, receiver: str, **values: object) -> None:
    conn.execute(update(receiver_states).where(receiver_states.c.receiver == receiver).values(values))
