"""The outbox: notices that wait for their receivers, each entered with the state that it tells of.

What is delivered, and what never will be, stays as a record. Times are those of the database's clock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, not_, or_, select, update

from monitor.store import receiver_states
from monitor.store.alert_tables import incidents, outbox
from monitor.store.alert_tables import receiver_states as states
from monitor.store.conflict import chunks, insert
from monitor.store.tables import models

BATCH = 500
SECOND_HAND = 1_000_000
"""From this number on notices are for a receiver that stands in for another: a sequence of its own."""

_EARLIER = outbox.alias("earlier")
_FREED: dict[str, Any] = {"owner": None, "lease_until": None}


@dataclass(frozen=True, slots=True)
class Entry:
    """A notice to be told, ``message`` as saved text; given up at ``expires_at``.

    ``incident_id`` is None for a digest. The notices of an incident to a receiver are told in the order of ``seq``.
    """

    id: str
    incident_id: str | None
    receiver: str
    seq: int
    kind: str
    message: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice as it stands; ``attempts`` counts those begun, ``fence`` grows with every claim."""

    id: str
    incident_id: str | None
    receiver: str
    seq: int
    kind: str
    message: str
    state: str
    attempts: int
    next_at: datetime
    expires_at: datetime
    owner: str | None
    lease_until: datetime | None
    fence: int
    last_status: int | None
    last_error: str | None
    created_at: datetime
    settled_at: datetime | None

    @property
    def mine(self) -> ColumnElement[bool]:
        """The condition that this notice is still held under this fence."""
        return and_(outbox.c.id == self.id, outbox.c.fence == self.fence, outbox.c.state == "leased")


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose notices a process may send: those of its models, and of models that nobody has any more.

    ``receivers`` are those it knows; what is for others is its own only when the model is.
    """

    models: Collection[int]
    receivers: Collection[str]

    @property
    def condition(self) -> ColumnElement[bool]:
        """The condition that a notice is one of them."""
        whose = select(incidents.c.id).join(models, models.c.id == incidents.c.model_id)
        whose = whose.where(incidents.c.id == outbox.c.incident_id)
        mine = whose.where(models.c.id.in_(self.models)).correlate(outbox).exists()
        orphan = whose.where(models.c.retired_at.is_not(None)).correlate(outbox).exists()
        known = outbox.c.receiver.in_(self.receivers) & or_(outbox.c.incident_id.is_(None), orphan)
        return or_(mine, known)


def enter(conn: Connection, entries: Iterable[Entry]) -> int:
    """Enter notices, due at once; returns how many are new. The same incident, receiver and number is entered once."""
    number = 0
    for chunk in chunks(entries, BATCH):
        rows = [{**asdict(one), "state": "queued", "next_at": one.created_at} for one in chunk]
        made = insert(conn, outbox).values(rows).on_conflict_do_nothing().returning(outbox.c.id)
        number += len(conn.execute(made).all())
    return number


def due(conn: Connection, now: datetime, scope: Scope, before: datetime | None = None) -> list[str]:
    """Return the receivers for whom something may be sent now; of what came due after ``before`` nothing is told."""
    rest = exists().where(states.c.receiver == outbox.c.receiver, not_(receiver_states.free(now)))
    chosen = select(outbox.c.receiver).distinct().where(_ready(now, before), scope.condition, not_(rest))
    return sorted(conn.execute(chosen).scalars())


def head(conn: Connection, receiver: str, now: datetime, scope: Scope, before: datetime | None = None) -> Letter | None:
    """Return the notice that a receiver is to be told next; None when there is none."""
    chosen = select(outbox).where(outbox.c.receiver == receiver, _ready(now, before), scope.condition)
    row = conn.execute(chosen.order_by(outbox.c.next_at, outbox.c.id).limit(1)).first()
    return None if row is None else _read(row)


def lease(conn: Connection, letter: Letter, owner: str, until: datetime) -> Letter | None:
    """Hold a notice to send it; None when somebody else was faster."""
    held = update(outbox).where(outbox.c.id == letter.id, outbox.c.fence == letter.fence)
    held = held.where(outbox.c.state.in_(("queued", "leased"))).values(
        state="leased", owner=owner, lease_until=until, fence=outbox.c.fence + 1, attempts=outbox.c.attempts + 1
    )
    row = conn.execute(held.returning(*outbox.c)).first()
    return None if row is None else _read(row)


def stream(conn: Connection, letter: Letter) -> list[Letter]:
    """Return all notices of a notice's incident to its receiver, in their order."""
    if letter.incident_id is None:
        return [letter]
    same = outbox.c.incident_id == letter.incident_id, outbox.c.receiver == letter.receiver
    hand = outbox.c.seq >= SECOND_HAND if letter.seq >= SECOND_HAND else outbox.c.seq < SECOND_HAND
    return [_read(row) for row in conn.execute(select(outbox).where(*same, hand).order_by(outbox.c.seq))]


def of_incident(conn: Connection, incident_id: str) -> list[Letter]:
    """Return all notices of an incident, to whomever, in the order they were entered."""
    chosen = select(outbox).where(outbox.c.incident_id == incident_id)
    return [_read(row) for row in conn.execute(chosen.order_by(outbox.c.created_at, outbox.c.seq, outbox.c.id))]


def delivered(conn: Connection, letter: Letter, now: datetime, note: str | None = None) -> bool:
    """Enter a notice as told; returns whether it was still ours to say so."""
    return _end(conn, letter, state="delivered", settled_at=now, last_error=note, **_FREED)


def put_off(conn: Connection, letter: Letter, next_at: datetime, status: int | None, error: str) -> bool:
    """Give a notice back, to be tried again; returns whether it was still ours."""
    return _end(conn, letter, state="queued", next_at=next_at, last_status=status, last_error=error, **_FREED)


def bury(conn: Connection, letter: Letter, now: datetime, status: int | None, error: str) -> bool:
    """Enter a notice as a dead letter; returns whether it was still ours."""
    return _end(conn, letter, state="dead", settled_at=now, last_status=status, last_error=error, **_FREED)


def cancel(conn: Connection, ids: Iterable[str], now: datetime, why: str) -> int:
    """Enter notices that wait as not to be told; returns how many waited."""
    number = 0
    for chunk in chunks(ids, BATCH):
        ended = update(outbox).where(outbox.c.id.in_(chunk), outbox.c.state == "queued")
        ended = ended.values(state="cancelled", settled_at=now, last_error=why).returning(outbox.c.id)
        number += len(conn.execute(ended).all())
    return number


def hurry(conn: Connection, receiver: str, now: datetime) -> None:
    """Make everything that waits for a receiver due now, as it answers again."""
    waits = outbox.c.receiver == receiver, outbox.c.state == "queued", outbox.c.next_at > now
    conn.execute(update(outbox).where(*waits).values(next_at=now))


def delivered_of(conn: Connection, numbers: Collection[str], kinds: Collection[str]) -> dict[str, int]:
    """Return of incidents, by their number, how many notices of some kinds were delivered."""
    found: dict[str, int] = {}
    for chunk in chunks(numbers, BATCH):
        told = outbox.c.incident_id.in_(chunk), outbox.c.kind.in_(kinds), outbox.c.state == "delivered"
        counted = select(outbox.c.incident_id, func.count()).where(*told).group_by(outbox.c.incident_id)
        found |= {row[0]: row[1] for row in conn.execute(counted)}
    return found


def last_told(conn: Connection, incident_id: str, receiver: str) -> Letter | None:
    """Return the last notice of an incident that its receiver has got; None when there is none."""
    told = outbox.c.incident_id == incident_id, outbox.c.receiver == receiver, outbox.c.state == "delivered"
    row = conn.execute(select(outbox).where(*told).order_by(outbox.c.seq.desc()).limit(1)).first()
    return None if row is None else _read(row)


def next_second_hand(conn: Connection, incident_id: str, receiver: str) -> int:
    """Return the number of the next notice of an incident to a receiver that stands in for another."""
    same = outbox.c.incident_id == incident_id, outbox.c.receiver == receiver, outbox.c.seq >= SECOND_HAND
    last: int | None = conn.execute(select(func.max(outbox.c.seq)).where(*same)).scalar()
    return SECOND_HAND if last is None else last + 1


def _ready(now: datetime, before: datetime | None) -> ColumnElement[bool]:
    """Return the condition that a notice may go: it is due, unheld, and none before it still waits."""
    due_at = outbox.c.next_at <= (now if before is None else min(now, before))
    mine = or_(
        and_(outbox.c.state == "queued", due_at),
        and_(outbox.c.state == "leased", outbox.c.lease_until <= now),
    )
    waits = exists().where(
        _EARLIER.c.incident_id == outbox.c.incident_id,
        _EARLIER.c.receiver == outbox.c.receiver,
        _EARLIER.c.seq < outbox.c.seq,
        _EARLIER.c.state.in_(("queued", "leased")),
    )
    return and_(mine, not_(waits))


def _end(conn: Connection, letter: Letter, **values: Any) -> bool:
    ended = update(outbox).where(letter.mine).values(values).returning(outbox.c.id)
    return conn.execute(ended).first() is not None


def _read(row: Row[Any]) -> Letter:
    return Letter(*tuple(row))
