"""Claiming: exactly one of many workers gets a piece of work, and no model is worked on twice at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, not_, or_, select, update

from monitor.store import model_counters
from monitor.store.lease import PREPARE, RETAIN, SWEEP, WINDOW, Lease
from monitor.store.runs import read_run
from monitor.store.tables import chores, models, runs, sources

FRESH, REVISION, BACKLOG = 0, 1, 2  # priorities of windows: the newest, those to be revised, the rest

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
    for model_id in found:
        model_counters.add(conn, model_id, "lease_reclaims")
    return len(found)


def _window(
    conn: Connection,
    owner: str,
    now: datetime,
    until: datetime,
    config_versions: Collection[int],
    *,
    priority: int,
) -> Lease | None:
    ready = (
        runs.c.status == "due",
        runs.c.priority == priority,
        or_(runs.c.next_attempt_at.is_(None), runs.c.next_attempt_at <= now),
    )
    model_id = _model(conn, now, config_versions, exists().where(runs.c.model_id == models.c.id, *ready))
    if model_id is None:
        return None
    order = runs.c.window_start.desc() if priority == FRESH else runs.c.window_start
    best = select(runs.c.id).where(runs.c.model_id == model_id, *ready).order_by(order, runs.c.revision).limit(1)
    taken = (
        update(runs)
        .where(runs.c.id == best.scalar_subquery(), runs.c.status == "due", _free(model_id))
        .values(status="leased", owner=owner, lease_until=until, fence=runs.c.fence + 1, started_at=now)
        .returning(*runs.c)
    )
    row = conn.execute(taken).first()
    if row is None:
        return None
    _note(conn, model_id, now, until)
    run = read_run(row)
    return Lease(model_id, WINDOW, owner, run.fence, until, run)


def _chore(
    conn: Connection,
    owner: str,
    now: datetime,
    until: datetime,
    config_versions: Collection[int],
    *,
    kind: str,
) -> Lease | None:
    ready = chores.c.kind == kind, chores.c.due_at <= now, chores.c.owner.is_(None)
    model_id = _model(conn, now, config_versions, exists().where(chores.c.model_id == models.c.id, *ready))
    if model_id is None:
        return None
    taken = (
        update(chores)
        .where(chores.c.model_id == model_id, *ready, _free(model_id))
        .values(owner=owner, lease_until=until, fence=chores.c.fence + 1)
        .returning(chores.c.fence)
    )
    fence = conn.execute(taken).scalar()
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


def _model(
    conn: Connection, now: datetime, config_versions: Collection[int], has_work: ColumnElement[bool]
) -> int | None:
    """Lock and return the model that has such work and was taken up longest ago.

    Others wait for no lock: they look for another model. What the lock rests on is looked at again once it is held,
    since a model may have been taken between the look and the lock.
    """
    resting = exists().where(sources.c.key == models.c.source_key, sources.c.retry_at > now)
    chosen: Select[Any] = (
        select(models.c.id)
        .where(
            models.c.retired_at.is_(None),
            models.c.config_version_id.in_(config_versions),
            has_work,
            _free(models.c.id),
            not_(resting),
        )
        .order_by(models.c.claimed_at.nulls_first(), models.c.id)
        .limit(1)
        .with_for_update(skip_locked=True, key_share=True, of=models)
    )
    found: int | None = conn.execute(chosen).scalar()
    return found


def _free(model_id: ColumnElement[int] | int) -> ColumnElement[bool]:
    """Return the condition that nobody works on the model."""
    held = runs.alias("held")
    busy = chores.alias("busy")
    return not_(
        or_(
            exists().where(held.c.model_id == model_id, held.c.status == "leased"),
            exists().where(busy.c.model_id == model_id, busy.c.owner.is_not(None)),
        )
    )


def _note(conn: Connection, model_id: int, now: datetime, until: datetime) -> None:
    """Put the model at the end of the queue; of a source that was left alone it is the one probe."""
    conn.execute(update(models).where(models.c.id == model_id).values(claimed_at=now))
    key = select(models.c.source_key).where(models.c.id == model_id).scalar_subquery()
    broken = sources.c.key == key, sources.c.retry_at.is_not(None)
    conn.execute(update(sources).where(*broken).values(retry_at=until))
