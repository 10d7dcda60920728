"""The tables of retraining: what is recommended, who has claimed it, and what happened to it."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from monitor.store.columns import metadata, model_id
from monitor.store.instant import Instant
from monitor.store.text import HostileText

STATUSES = ("open", "claimed", "satisfied", "declined", "expired", "superseded")
CLAIM_STATES = ("active", "expired", "released", "revoked", "deployed", "no_improvement", "failed")

recommendations = Table(
    "recommendations",
    metadata,
    Column("id", String(40), primary_key=True),
    model_id(),
    Column("status", String(20), nullable=False),
    Column("version", Integer, nullable=False),
    Column("told", Integer, nullable=False, server_default=text("0")),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("cooldown_until", Instant),
    Column("recommendation", Text, nullable=False),
    CheckConstraint(f"status IN ({', '.join(map(repr, STATUSES))})", name="status"),
    Index(None, "model_id", "opened_at"),
    Index(None, "opened_at", "id"),
)

# A model has one recommendation that is not over: the database says so, not those who look.
Index(
    "uq_recommendations_live",
    recommendations.c.model_id,
    unique=True,
    sqlite_where=recommendations.c.status.in_(("open", "claimed")),
    postgresql_where=recommendations.c.status.in_(("open", "claimed")),
)

retraining_claims = Table(
    "retraining_claims",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("recommendation_id", String(40), ForeignKey("recommendations.id"), nullable=False),
    model_id(),
    Column("claimant", HostileText, nullable=False),
    Column("run_id", HostileText, nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("ttl_seconds", Integer, nullable=False),
    Column("claimed_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("state", String(20), nullable=False),
    Column("ended_at", Instant),
    Column("model_version", HostileText),
    Column("claimed_by", HostileText),
    UniqueConstraint("model_id", "fence"),
    CheckConstraint(f"state IN ({', '.join(map(repr, CLAIM_STATES))})", name="state"),
    Index(None, "recommendation_id", "fence"),
)

# One run at a time trains for a recommendation.
Index(
    "uq_retraining_claims_active",
    retraining_claims.c.recommendation_id,
    unique=True,
    sqlite_where=retraining_claims.c.state == "active",
    postgresql_where=retraining_claims.c.state == "active",
)

retraining_events = Table(
    "retraining_events",
    metadata,
    Column("recommendation_id", String(40), ForeignKey("recommendations.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("actor", HostileText),
    Column("note", HostileText),
)
