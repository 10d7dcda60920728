"""Claiming: exactly one of many workers gets a piece of work, and no model is worked on twice at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    bindparam,
    exists,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from monitor.store import model_counters
from monitor.store.instant import Instant
from monitor.store.lease import PREPARE, RETAIN, SWEEP, WINDOW, Lease
from monitor.store.runs import read_run
from monitor.store.tables import chores, models, runs, sources

FRESH, REVISION, BACKLOG = 0, 1, 2  # priorities of windows: the newest, those to be revised, the rest

# Statements are put together once: a worker without work asks every second.
_NOW = bindparam("now", type_=Instant())
_HELD, _BUSY = runs.alias("held"), chores.alias("busy")
_READY = (
    runs.c.status == "due",
    runs.c.priority == bindparam("urgency"),
    or_(runs.c.next_attempt_at.is_(None), runs.c.next_attempt_at <= _NOW),
)
_AWAITED = chores.c.kind == bindparam("chore"), chores.c.due_at <= _NOW, chores.c.owner.is_(None)


def _free(model_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that nobody works on the model."""
    return not_(
        or_(
            exists().where(_HELD.c.model_id == model_id, _HELD.c.status == "leased"),
            exists().where(_BUSY.c.model_id == model_id, _BUSY.c.owner.is_not(None)),
        )
    )


def _models_with(work: ColumnElement[bool]) -> Select[Any]:
    """Return the query of the one model, locked, that has such work, is free and whose source is not left alone."""
    resting = exists().where(sources.c.key == models.c.source_key, sources.c.retry_at > _NOW)
    known = models.c.config_version_id.in_(bindparam("config_versions", expanding=True))
    return (
        select(models.c.id)
        .where(models.c.retired_at.is_(None), known, work, _free(models.c.id), not_(resting))
        .order_by(models.c.claimed_at.nulls_first(), models.c.id)
        .limit(1)
        .with_for_update(skip_locked=True, key_share=True, of=models)
    )


def _take(order: ColumnElement[Any]) -> ReturningUpdate[Any]:
    """Return the statement that leases a model's first window in this order."""
    model_id = bindparam("model", type_=BigInteger())
    best = select(runs.c.id).where(runs.c.model_id == model_id, *_READY).order_by(order, runs.c.revision).limit(1)
    until = bindparam("until", type_=Instant())
    return (
        update(runs)
        .where(runs.c.id == best.scalar_subquery(), runs.c.status == "due", _free(model_id))
        .values(status="leased", owner=bindparam("by"), lease_until=until, fence=runs.c.fence + 1, started_at=_NOW)
        .returning(*runs.c)
    )


_WINDOWS = _models_with(exists().where(runs.c.model_id == models.c.id, *_READY))
_CHORES = _models_with(exists().where(chores.c.model_id == models.c.id, *_AWAITED))
_TAKE_NEWEST = _take(runs.c.window_start.desc())
_TAKE_OLDEST = _take(runs.c.window_start.asc())
_TAKE_CHORE = (
    update(chores)
    .where(
        chores.c.model_id == bindparam("model", type_=BigInteger()),
        *_AWAITED,
        _free(bindparam("model", type_=BigInteger())),
    )
    .values(owner=bindparam("by"), lease_until=bindparam("until", type_=Instant()), fence=chores.c.fence + 1)
    .returning(chores.c.fence)
)

Claim = Callable[[Connection, str, datetime, datetime, Collection[int]], Lease | None]


def claim(
    conn: Connection, owner: str, now: datetime, duration: timedelta, config_versions: Collection[int]
) -> Lease | None:
    """Lease the most urgent piece of work that is due; None when there is none.

    A new model is looked at first, then the newest windows newest first, then late rows are looked for, then windows
    revised, then the backlog is worked off oldest first; models in turn. Only models whose configuration is one of
    ``config_versions`` are taken, none that is leased already, none whose source is being left alone.
    """
    until = now + duration
    for take in _ORDER:
        found = take(conn, owner, now, until, config_versions)
        if found is not None:
            return found
    return None


def reclaim(conn: Connection, now: datetime) -> int:
    """Make the work of vanished workers due again; returns how much that was, counted as ``lease_reclaims``."""
    overdue = runs.c.status == "leased", runs.c.lease_until <= now
    lost = select(runs.c.id).where(*overdue).with_for_update(skip_locked=True)
    freed = update(runs).where(runs.c.id.in_(lost), *overdue).values(status="due", owner=None, lease_until=None)
    found = list(conn.execute(freed.returning(runs.c.model_id)).scalars())
    left = chores.c.lease_until <= now
    lost = select(chores.c.model_id).where(left).with_for_update(skip_locked=True)
    freed = update(chores).where(chores.c.model_id.in_(lost), left).values(owner=None, lease_until=None)
    found += conn.execute(freed.returning(chores.c.model_id)).scalars()
    for model_id in sorted(found):
        model_counters.add(conn, model_id, "lease_reclaims")
    return len(found)


def _window(
    conn: Connection, owner: str, now: datetime, until: datetime, config_versions: Collection[int], *, priority: int
) -> Lease | None:
    asked = {"urgency": priority, "now": now}
    model_id = _model(conn, _WINDOWS, {**asked, "config_versions": list(config_versions)})
    if model_id is None:
        return None
    taken = _TAKE_NEWEST if priority == FRESH else _TAKE_OLDEST
    row = conn.execute(taken, {**asked, "model": model_id, "by": owner, "until": until}).first()
    if row is None:
        return None
    _note(conn, model_id, now, until)
    run = read_run(row)
    return Lease(model_id, WINDOW, owner, run.fence, until, run)


def _chore(
    conn: Connection, owner: str, now: datetime, until: datetime, config_versions: Collection[int], *, kind: str
) -> Lease | None:
    asked = {"chore": kind, "now": now}
    model_id = _model(conn, _CHORES, {**asked, "config_versions": list(config_versions)})
    if model_id is None:
        return None
    fence = conn.execute(_TAKE_CHORE, {**asked, "model": model_id, "by": owner, "until": until}).scalar()
    if fence is None:
        return None
    _note(conn, model_id, now, until)
    return Lease(model_id, kind, owner, fence, until)


_ORDER: tuple[Claim, ...] = (
    partial(_chore, kind=PREPARE),
    partial(_window, priority=FRESH),
    partial(_chore, kind=SWEEP),
    partial(_window, priority=REVISION),
    partial(_window, priority=BACKLOG),
    partial(_chore, kind=RETAIN),
)


def _model(conn: Connection, chosen: Select[Any], asked: dict[str, Any]) -> int | None:
    """Lock and return the model that has such work and was taken up longest ago.

    Others wait for no lock: they look for another model. What the lock rests on is looked at again by the statement
    that takes the work, since a model may have been taken between the look and the lock.
    """
    found: int | None = conn.execute(chosen, asked).scalar()
    return found


def _note(conn: Connection, model_id: int, now: datetime, until: datetime) -> None:
    """Put the model at the end of the queue; of a source that was left alone it is the one probe."""
    conn.execute(update(models).where(models.c.id == model_id).values(claimed_at=now))
    key = select(models.c.source_key).where(models.c.id == model_id).scalar_subquery()
    broken = sources.c.key == key, sources.c.retry_at.is_not(None)
    conn.execute(update(sources).where(*broken).values(retry_at=until))
