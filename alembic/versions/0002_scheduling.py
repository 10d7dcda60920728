"""What several workers need to share the windows: chores, sources with their breakers, counters, priorities."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Types are spelled out: a migration must not change when the code's own types do.
INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
ZERO = sa.text("0")


def upgrade() -> None:
    """Add the columns and tables."""
    with op.batch_alter_table("models") as models:
        models.add_column(sa.Column("grid_start", INSTANT))
        models.add_column(sa.Column("materialised_until", INSTANT))
        models.add_column(sa.Column("source_key", sa.String(32)))
        models.add_column(sa.Column("claimed_at", INSTANT))
    with op.batch_alter_table("runs") as runs:
        runs.add_column(sa.Column("priority", sa.Integer, nullable=False, server_default=ZERO))
    due = sa.text("status = 'due'")
    columns = ["model_id", "priority", "window_start"]
    op.create_index("ix_runs_due", "runs", columns, sqlite_where=due, postgresql_where=due)
    op.create_table(
        "chores",
        sa.Column("model_id", sa.BigInteger, sa.ForeignKey("models.id"), primary_key=True),
        sa.Column("kind", sa.String(40), primary_key=True),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("owner", sa.Text),
        sa.Column("lease_until", INSTANT),
        sa.Column("fence", sa.BigInteger, nullable=False, server_default=ZERO),
        sa.Column("attempts", sa.Integer, nullable=False, server_default=ZERO),
        sa.Column("error_state", sa.String(40)),
        sa.Column("error", sa.Text),
        sa.Column("done_at", INSTANT),
    )
    op.create_table(
        "sources",
        sa.Column("key", sa.String(32), primary_key=True),
        sa.Column("state", sa.String(40)),
        sa.Column("error", sa.Text),
        sa.Column("failures", sa.Integer, nullable=False, server_default=ZERO),
        sa.Column("retry_at", INSTANT),
        sa.Column("checked_at", INSTANT),
    )
    op.create_table(
        "model_counters",
        sa.Column("model_id", sa.BigInteger, sa.ForeignKey("models.id"), primary_key=True),
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False, server_default=ZERO),
    )


def downgrade() -> None:
    """Remove them again."""
    for table in ("model_counters", "sources", "chores"):
        op.drop_table(table)
    op.drop_index("ix_runs_due", "runs")
    with op.batch_alter_table("runs") as runs:
        runs.drop_column("priority")
    with op.batch_alter_table("models") as models:
        for name in ("claimed_at", "source_key", "materialised_until", "grid_start"):
            models.drop_column(name)
