"""Recommendations to train models anew, and what happened to them; none is ever changed in silence."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, select, tuple_, update

from monitor.alerts.recommendation import Event, Moved, Recommendation
from monitor.alerts.saved import dump, load
from monitor.errors import StoreError
from monitor.store import retraining_claims
from monitor.store.conflict import insert
from monitor.store.retraining_tables import recommendations, retraining_events

PREFIX = "rec_"
_LIVE = recommendations.c.status.in_(("open", "claimed"))


@dataclass(frozen=True, slots=True)
class Stored:
    """A recommendation with whose it is; ``told`` is the version that receivers have heard of."""

    model_id: int
    recommendation: Recommendation
    told: int = 0

    @property
    def id(self) -> str:
        """Its number for people and links."""
        return self.recommendation.id


def open_(conn: Connection, model_id: int, moved: Moved) -> Stored | None:
    """Enter a new recommendation; None when the model has one that is not over."""
    found = moved.recommendation
    row = insert(conn, recommendations).values(id=found.id, model_id=model_id, **_values(found))
    if conn.execute(row.on_conflict_do_nothing().returning(recommendations.c.id)).first() is None:
        return None
    _tell(conn, moved)
    return Stored(model_id, found)


def save(conn: Connection, known: Stored, moved: Moved) -> Stored:
    """Store what has become of a recommendation, its claim, and the new events.

    Raises
    ------
    StoreError
        Somebody else has changed it since it was read; nothing may be committed.
    """
    found = moved.recommendation
    same = recommendations.c.id == known.id, recommendations.c.version == known.recommendation.version
    written = update(recommendations).where(*same).values(_values(found)).returning(recommendations.c.id)
    if conn.execute(written).first() is None:
        raise StoreError(f"recommendation {known.id} has been changed meanwhile", "look at it again")
    if found.claim is not None and found.claim != known.recommendation.claim:
        retraining_claims.save(conn, known.model_id, found.id, found.claim)
    _tell(conn, moved)
    return replace(known, recommendation=found)


def get(conn: Connection, number: str) -> Stored | None:
    """Return the recommendation with this number; None when there is none."""
    return next(iter(_fetch(conn, select(recommendations).where(recommendations.c.id == number))), None)


def beginning(conn: Connection, text: str, *, limit: int = 10) -> list[str]:
    """Return the numbers that begin with a text, the newest recommendation first."""
    like = recommendations.c.id.startswith(text, autoescape=True)
    chosen = select(recommendations.c.id).where(like).order_by(recommendations.c.opened_at.desc())
    return list(conn.execute(chosen.limit(limit)).scalars())


def live(conn: Connection, model_ids: Collection[int] | None = None) -> dict[int, Stored]:
    """Return, by model, the recommendations that are not over."""
    chosen = select(recommendations).where(_LIVE)
    if model_ids is not None:
        chosen = chosen.where(recommendations.c.model_id.in_(model_ids))
    return {one.model_id: one for one in _fetch(conn, chosen)}


def last_over(conn: Connection, status: str, model_ids: Collection[int] | None = None) -> dict[int, Stored]:
    """Return, by model, the recommendation that ended last in this way."""
    ended = recommendations.alias("ended")
    last = select(func.max(ended.c.closed_at)).where(
        ended.c.model_id == recommendations.c.model_id, ended.c.status == status
    )
    chosen = select(recommendations).where(
        recommendations.c.status == status, recommendations.c.closed_at == last.scalar_subquery()
    )
    if model_ids is not None:
        chosen = chosen.where(recommendations.c.model_id.in_(model_ids))
    return {one.model_id: one for one in _fetch(conn, chosen)}


def page(
    conn: Connection,
    *,
    model_ids: Collection[int] | None = None,
    statuses: Collection[str] = (),
    before: tuple[datetime, str] | None = None,
    limit: int | None = None,
) -> list[Stored]:
    """Return recommendations, the newest first; with ``before`` those that come after that place in this order."""
    place = tuple_(recommendations.c.opened_at, recommendations.c.id)
    chosen = select(recommendations).order_by(recommendations.c.opened_at.desc(), recommendations.c.id.desc())
    if model_ids is not None:
        chosen = chosen.where(recommendations.c.model_id.in_(model_ids))
    if statuses:
        chosen = chosen.where(recommendations.c.status.in_(statuses))
    if before is not None:
        columns = recommendations.c.opened_at, recommendations.c.id
        bounds = (bindparam(None, value, type_=column.type) for column, value in zip(columns, before, strict=True))
        chosen = chosen.where(place < tuple_(*bounds))
    return _fetch(conn, chosen.limit(limit))


def any_untold(conn: Connection, model_ids: Collection[int]) -> bool:
    """Return whether there is something about these models that receivers have not heard."""
    news = recommendations.c.told < recommendations.c.version, recommendations.c.model_id.in_(model_ids)
    return conn.execute(select(recommendations.c.id).where(*news).limit(1)).first() is not None


def untold(conn: Connection, model_ids: Collection[int], limit: int = 100) -> list[Stored]:
    """Return recommendations of which receivers have not heard all, the oldest first, locked until the end."""
    news = recommendations.c.told < recommendations.c.version, recommendations.c.model_id.in_(model_ids)
    chosen = select(recommendations).where(*news).order_by(recommendations.c.opened_at).limit(limit)
    return _fetch(conn, chosen.with_for_update(skip_locked=True))


def note_told(conn: Connection, found: Stored) -> None:
    """Remember that receivers have heard all of it."""
    told = update(recommendations).where(recommendations.c.id == found.id)
    conn.execute(told.values(told=found.recommendation.version))


def events(conn: Connection, number: str, after: int = 0) -> list[tuple[int, Event]]:
    """Return what has happened to a recommendation, oldest first, each with its version; those above ``after``."""
    chosen = select(retraining_events).where(
        retraining_events.c.recommendation_id == number, retraining_events.c.version > after
    )
    rows = conn.execute(chosen.order_by(retraining_events.c.version))
    return [(row.version, Event(row.at, row.kind, row.actor, row.note)) for row in rows]


def _tell(conn: Connection, moved: Moved) -> None:
    """Write the new events; the last of them has the version that the recommendation has now."""
    found = moved.recommendation
    first = found.version - len(moved.events) + 1
    rows = [
        {
            "recommendation_id": found.id,
            "version": first + i,
            "at": event.at,
            "kind": event.kind,
            "actor": event.actor,
            "note": event.note,
        }
        for i, event in enumerate(moved.events)
    ]
    if rows:
        conn.execute(insert(conn, retraining_events), rows)


def _values(found: Recommendation) -> dict[str, Any]:
    return {
        "status": found.status,
        "version": found.version,
        "opened_at": found.opened_at,
        "closed_at": found.closed_at,
        "cooldown_until": found.cooldown_until,
        "recommendation": dump(replace(found, claim=None)),
    }


def _fetch(conn: Connection, chosen: Select[Any]) -> list[Stored]:
    rows: list[Row[Any]] = list(conn.execute(chosen))
    claims = retraining_claims.latest(conn, [row.id for row in rows]) if rows else {}
    return [
        Stored(row.model_id, replace(load(Recommendation, row.recommendation), claim=claims.get(row.id)), row.told)
        for row in rows
    ]
