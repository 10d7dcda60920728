"""What is needed to let old things go: since when a model's windows are kept, and an index for removing runs."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
COUNTERS = sa.table("counters", sa.column("name", sa.String), sa.column("value", sa.BigInteger))
NAMES = ("series_removals", "changes_removed")


def upgrade() -> None:
    """Add the column, the index and two counters at zero."""
    with op.batch_alter_table("models") as models:
        models.add_column(sa.Column("kept_since", INSTANT))
    op.create_index("ix_changes_run_id", "changes", ["run_id"])
    op.bulk_insert(COUNTERS, [{"name": name, "value": 0} for name in NAMES])


def downgrade() -> None:
    """Remove them again."""
    op.execute(sa.delete(COUNTERS).where(COUNTERS.c.name.in_(NAMES)))
    op.drop_index("ix_changes_run_id", "changes")
    with op.batch_alter_table("models") as models:
        models.drop_column("kept_since")
