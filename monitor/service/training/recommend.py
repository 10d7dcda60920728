"""Recommending: which models are to be trained anew, decided from what is stored and what the clock says.

Decided by looks of their own, at the end of a run and at each tick of a worker, not in the transactions of windows: it
rests on more than windows (claims that run out, data that fail to come, cool-downs, promoted references), what comes
out is the same however often one looks, and a model that catches up is looked at once, when it has. Nothing is lost by
deciding later: what is stored decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from uuid import uuid4

from sqlalchemy import Connection

from monitor.alerts.recommendation import Moved
from monitor.alerts.retraining import end, expired
from monitor.alerts.retraining_policy import fresh, reviewed
from monitor.config import ModelConfig
from monitor.service.notices.notice import notice_id
from monitor.service.training.case import Standing, case_of, grounds_for
from monitor.store import changes, clock, models, recommendations, runs
from monitor.store.engine import Store
from monitor.store.recommendations import Stored

MOST_STEPS = 4
WANTED = "reference_wanted"
GONE = "the model is no longer monitored"


def recommend(store: Store, chosen: Mapping[int, ModelConfig], *, now: datetime | None = None) -> int:
    """Bring the recommendations of the chosen models up to date; returns how many have changed.

    A model with windows that nobody has computed yet gets no new one before they are.

    Parameters
    ----------
    now : datetime, optional
        The clock that cool-downs count to; default the database's, by which claims always go.
    """
    with store.read() as conn:
        real = clock.now(conn)
        behind = set(runs.behind(conn))
        standing = Standing.of(conn, chosen)
        wanted = [
            number
            for number, model in chosen.items()
            if standing.matters(number) and _next(conn, standing, number, model, now or real, real, behind) is not None
        ]
        retired = {one.id for one in models.every(conn, retired=True) if one.retired_at is not None}
        gone = list(recommendations.live(conn, retired).values())
    for known in gone:
        _end(store, known)
    return sum(_brought(store, number, chosen[number], now) for number in wanted) + len(gone)


def tell(conn: Connection, model_id: int, moved: Moved, now: datetime) -> None:
    """Append what has happened to the change feed: the last thing a transaction does.

    A model that was trained anew asks for a reference of its own, with ``reference_wanted``.
    """
    number = moved.recommendation.id
    kinds = [f"retraining.{one.kind}" for one in moved.events]
    kinds += [WANTED] if any(one.kind == "satisfied" for one in moved.events) else []
    found = [changes.Change(model_id, kind, now, subject=number) for kind in kinds]
    if found:
        changes.append(conn, found)


def _brought(store: Store, model_id: int, model: ModelConfig, now: datetime | None) -> bool:
    """Bring one model's up to date, alone with it; returns whether anything has changed."""
    return store.transact(partial(_bring, model_id, model, now))


def _bring(model_id: int, model: ModelConfig, now: datetime | None, conn: Connection) -> bool:
    told: list[Moved] = []
    models.lock(conn, model_id)
    real = clock.now(conn)
    behind = set(runs.behind(conn))
    for _ in range(MOST_STEPS):
        standing = Standing.of(conn, [model_id])
        moved = _next(conn, standing, model_id, model, now or real, real, behind)
        if moved is None:
            break
        known = standing.live.get(model_id)
        if known is None:
            recommendations.open_(conn, model_id, moved)
        else:
            recommendations.save(conn, known, moved)
        told.append(moved)
    for moved in told:
        tell(conn, model_id, moved, real)
    return bool(told)


def _next(
    conn: Connection,
    standing: Standing,
    model_id: int,
    model: ModelConfig,
    at: datetime,
    real: datetime,
    behind: set[int],
) -> Moved | None:
    """Return the next step of a model's recommendation; None when all is as it should be."""
    known = standing.live.get(model_id)
    case = case_of(conn, standing, model_id, model, at)
    if known is None:
        found = None if model_id in behind else grounds_for(conn, model_id, case)
        return None if found is None else fresh(_number(at), case, found, at)
    lapsed = expired(known.recommendation, real)
    if lapsed.events:
        return lapsed
    moved = reviewed(known.recommendation, case, grounds_for(conn, model_id, case, known.recommendation.grounds), at)
    return None if moved.recommendation == known.recommendation else moved


def _end(store: Store, known: Stored) -> None:
    """End what is recommended for a model that nobody monitors any more."""
    with store.write() as conn:
        models.lock(conn, known.model_id)
        found = recommendations.get(conn, known.id)
        if found is None or not found.recommendation.live:
            return
        now = clock.now(conn)
        moved = end(found.recommendation, "expired", now, GONE)
        if moved.events:
            recommendations.save(conn, found, moved)
            tell(conn, known.model_id, moved, now)


def _number(at: datetime) -> str:
    return recommendations.PREFIX + notice_id(at, uuid4().hex)
