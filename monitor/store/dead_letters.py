"""Dead letters: notices that were given up, what waits too long, and how to try again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Select, and_, case, exists, func, not_, select, update

from monitor.store import receiver_states
from monitor.store.alert_tables import outbox
from monitor.store.outbox import Letter

_LATER = outbox.alias("later")
_WAITING = ("queued", "leased")
QUIET = ("updated", "resolved", "digest")  # nobody is woken by these
LEAST_TIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Traffic:
    """How one receiver's notices fare: ``oldest`` is since when the oldest one waits that should wake somebody."""

    waiting: int = 0
    dead: int = 0
    delivered: int = 0
    oldest: datetime | None = None


def letters(
    conn: Connection,
    *,
    states: Collection[str] = ("dead",),
    receiver: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int | None = None,
    before: str | None = None,
    number: str | None = None,
) -> list[Letter]:
    """Return notices in some states, the newest first; the dead ones unless others are asked for.

    Parameters
    ----------
    start, end : datetime, optional
        Those entered in ``[start, end)``.
    before : str, optional
        Those with a smaller number than this one.
    number : str, optional
        That with this number.
    """
    chosen = select(outbox).where(outbox.c.state.in_(states), *_within(receiver, start, end))
    if before is not None:
        chosen = chosen.where(outbox.c.id < before)
    if number is not None:
        chosen = chosen.where(outbox.c.id == number)
    return [Letter(*tuple(row)) for row in conn.execute(chosen.order_by(outbox.c.id.desc()).limit(limit))]


def retry(
    conn: Connection,
    now: datetime,
    *,
    ids: Collection[str] | None = None,
    receiver: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[str]:
    """Make dead letters due again, with as much time as they had before; returns their ids.

    Their receivers are asked again, whatever they answered. One whose incident the receiver was told something newer of
    stays dead: it would contradict that.
    """
    newer = exists().where(
        _LATER.c.incident_id == outbox.c.incident_id,
        _LATER.c.receiver == outbox.c.receiver,
        _LATER.c.seq > outbox.c.seq,
        _LATER.c.state == "delivered",
    )
    wanted = [outbox.c.state == "dead", not_(newer), *_within(receiver, start, end)]
    if ids is not None:
        wanted.append(outbox.c.id.in_(ids))
    chosen = select(outbox.c.id, outbox.c.receiver, outbox.c.created_at, outbox.c.expires_at).where(*wanted)
    again, receivers = [], set()
    for number, whose, created_at, expires_at in conn.execute(chosen.order_by(outbox.c.id).with_for_update()).all():
        until = now + max(expires_at - created_at, LEAST_TIME)
        values = {"state": "queued", "attempts": 0, "next_at": now, "expires_at": until, "settled_at": None}
        conn.execute(update(outbox).where(outbox.c.id == number).values(values))
        again.append(number)
        receivers.add(whose)
    for whose in sorted(receivers):
        receiver_states.enable(conn, whose)
    return again


def traffic(conn: Connection) -> dict[str, Traffic]:
    """Return how every receiver's notices fare, by its name."""
    return {
        row.receiver: Traffic(int(row.waiting), int(row.dead), int(row.delivered), row.oldest)
        for row in conn.execute(_grouped())
    }


def oldest(conn: Connection) -> datetime | None:
    """Return since when the oldest notice waits that should wake somebody; None when none waits."""
    return conn.execute(select(func.min(outbox.c.created_at)).where(_waking())).scalar()


def _grouped() -> Select[Any]:
    return select(
        outbox.c.receiver,
        func.sum(_counted(outbox.c.state.in_(_WAITING))).label("waiting"),
        func.sum(_counted(outbox.c.state == "dead")).label("dead"),
        func.sum(_counted(outbox.c.state == "delivered")).label("delivered"),
        func.min(case((_waking(), outbox.c.created_at))).label("oldest"),
    ).group_by(outbox.c.receiver)


def _counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0).cast(Integer)


def _waking() -> ColumnElement[bool]:
    return and_(outbox.c.state.in_(_WAITING), outbox.c.kind.not_in(QUIET))


def _within(receiver: str | None, start: datetime | None, end: datetime | None) -> list[ColumnElement[bool]]:
    found = [outbox.c.receiver == receiver] if receiver is not None else []
    found += [outbox.c.created_at >= start] if start is not None else []
    return found + ([outbox.c.created_at < end] if end is not None else [])
