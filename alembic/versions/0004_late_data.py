"""What came late: how ground truth arrives tile by tile, and what each run already knew of it."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
ZERO = sa.text("0")


def upgrade() -> None:
    """Add the table and the columns."""
    op.create_table(
        "arrivals",
        sa.Column("model_id", sa.BigInteger, sa.ForeignKey("models.id"), primary_key=True),
        sa.Column("tile_start", INSTANT, primary_key=True),
        sa.Column("looked_at", INSTANT, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False, server_default=ZERO),
        sa.Column("labelled", sa.BigInteger, nullable=False, server_default=ZERO),
        sa.Column("late", sa.BigInteger, nullable=False, server_default=ZERO),
        sa.Column("stamped", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("by_age", sa.Text, nullable=False, server_default=""),
    )
    with op.batch_alter_table("runs") as runs:
        runs.add_column(sa.Column("late", sa.BigInteger, nullable=False, server_default=ZERO))
        runs.add_column(sa.Column("expected", sa.Double))
        runs.add_column(sa.Column("closed", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Remove them again."""
    with op.batch_alter_table("runs") as runs:
        for name in ("closed", "expected", "late"):
            runs.drop_column(name)
    op.drop_table("arrivals")
