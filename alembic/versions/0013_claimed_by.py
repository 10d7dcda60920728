"""Claims know who made them: a run id, which others can read, does not prove who asks."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("retraining_claims", sa.Column("claimed_by", sa.Text))


def downgrade() -> None:
    """Remove it again."""
    with op.batch_alter_table("retraining_claims") as table:
        table.drop_column("claimed_by")
