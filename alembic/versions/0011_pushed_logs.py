"""Pushed logs: the catalogue of the tables that hold pushed rows, and of their columns."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "logs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("model_id", sa.BigInteger, sa.ForeignKey("models.id"), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.UniqueConstraint("model_id", "kind"),
    )
    op.create_table(
        "log_columns",
        sa.Column("log_id", sa.BigInteger, sa.ForeignKey("logs.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("place", sa.String(63), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.UniqueConstraint("log_id", "name"),
    )


def downgrade() -> None:
    """Remove them again, and the tables of rows with them: nothing else knows what is in those."""
    bind = op.get_bind()
    for (log_id,) in bind.execute(sa.text("SELECT id FROM logs")).all():
        op.drop_table(f"pushed_rows_{log_id}")
    op.drop_table("log_columns")
    op.drop_table("logs")
