"""Retraining: recommendations, their claims and history; changes name what they are about."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
STATUSES = "'open', 'claimed', 'satisfied', 'declined', 'expired', 'superseded'"
CLAIM_STATES = "'active', 'expired', 'released', 'revoked', 'deployed', 'no_improvement', 'failed'"


def upgrade() -> None:
    """Make the tables."""
    op.add_column("changes", sa.Column("subject", sa.String(40)))
    make_recommendations()
    make_claims()
    op.create_table(
        "retraining_events",
        sa.Column("recommendation_id", sa.String(40), sa.ForeignKey("recommendations.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("actor", sa.Text),
        sa.Column("note", sa.Text),
    )


def downgrade() -> None:
    """Remove them again."""
    for table in ("retraining_events", "retraining_claims", "recommendations"):
        op.drop_table(table)
    op.drop_column("changes", "subject")


def model() -> sa.Column:
    """Return the column that says whose a row is."""
    return sa.Column("model_id", sa.BigInteger, sa.ForeignKey("models.id"), nullable=False)


def make_recommendations() -> None:
    """Make the table of what is recommended: one that is not over for each model."""
    op.create_table(
        "recommendations",
        sa.Column("id", sa.String(40), primary_key=True),
        model(),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("told", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT),
        sa.Column("cooldown_until", INSTANT),
        sa.Column("recommendation", sa.Text, nullable=False),
        sa.CheckConstraint(f"status IN ({STATUSES})", name="status"),
        sa.Index(None, "model_id", "opened_at"),
        sa.Index(None, "opened_at", "id"),
    )
    live = sa.text("status IN ('open', 'claimed')")
    op.create_index(
        "uq_recommendations_live", "recommendations", ["model_id"],
        unique=True, sqlite_where=live, postgresql_where=live,
    )  # fmt: skip


def make_claims() -> None:
    """Make the table of claims: one at a time for each recommendation, each fence once for a model."""
    op.create_table(
        "retraining_claims",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("recommendation_id", sa.String(40), sa.ForeignKey("recommendations.id"), nullable=False),
        model(),
        sa.Column("claimant", sa.Text, nullable=False),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.Column("ttl_seconds", sa.Integer, nullable=False),
        sa.Column("claimed_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("model_version", sa.Text),
        sa.UniqueConstraint("model_id", "fence"),
        sa.CheckConstraint(f"state IN ({CLAIM_STATES})", name="state"),
        sa.Index(None, "recommendation_id", "fence"),
    )
    active = sa.text("state = 'active'")
    op.create_index(
        "uq_retraining_claims_active", "retraining_claims", ["recommendation_id"],
        unique=True, sqlite_where=active, postgresql_where=active,
    )  # fmt: skip
