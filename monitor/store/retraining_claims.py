"""Claims of recommendations: who trains, under which fence, until when."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from monitor.alerts.recommendation import Claim
from monitor.store.conflict import insert
from monitor.store.retraining_tables import retraining_claims


def save(conn: Connection, model_id: int, recommendation_id: str, found: Claim) -> None:
    """Store a claim, in place of itself if it is there.

    Raises
    ------
    IntegrityError
        Another one of the recommendation is active, or another of the model has this fence.
    """
    values = {
        "claimant": found.claimant,
        "run_id": found.run_id,
        "fence": found.fence,
        "ttl_seconds": int(found.ttl.total_seconds()),
        "claimed_at": found.claimed_at,
        "expires_at": found.expires_at,
        "state": found.state,
        "ended_at": found.ended_at,
        "model_version": found.model_version,
        "claimed_by": found.by,
    }
    row = insert(conn, retraining_claims).values(
        id=found.id, model_id=model_id, recommendation_id=recommendation_id, **values
    )
    conn.execute(row.on_conflict_do_update(index_elements=["id"], set_=values))


def next_fence(conn: Connection, model_id: int) -> int:
    """Return the fence of the model's next claim: one more than the greatest there was."""
    greatest = select(func.max(retraining_claims.c.fence)).where(retraining_claims.c.model_id == model_id)
    return (conn.execute(greatest).scalar() or 0) + 1


def whose(conn: Connection, number: str) -> str | None:
    """Return the recommendation that a claim is of; None when there is no such claim."""
    chosen = select(retraining_claims.c.recommendation_id).where(retraining_claims.c.id == number)
    found: str | None = conn.execute(chosen).scalar()
    return found


def latest(conn: Connection, recommendation_ids: Collection[str]) -> Mapping[str, Claim]:
    """Return the latest claim of each recommendation that has had one."""
    chosen = select(retraining_claims).where(retraining_claims.c.recommendation_id.in_(recommendation_ids))
    rows = conn.execute(chosen.order_by(retraining_claims.c.fence))
    return {row.recommendation_id: _read(row) for row in rows}


def of_recommendation(conn: Connection, recommendation_id: str) -> list[Claim]:
    """Return all claims of a recommendation, oldest first."""
    chosen = select(retraining_claims).where(retraining_claims.c.recommendation_id == recommendation_id)
    return [_read(row) for row in conn.execute(chosen.order_by(retraining_claims.c.fence))]


def _read(row: Row[Any]) -> Claim:
    return Claim(
        row.id,
        row.claimant,
        row.run_id,
        row.fence,
        timedelta(seconds=row.ttl_seconds),
        row.claimed_at,
        row.expires_at,
        row.state,
        row.ended_at,
        row.model_version,
        row.claimed_by,
    )
