"""By what stamp of its log a tile was last seen to agree with it: while that stands, the log is not read again."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    with op.batch_alter_table("tile_facts") as facts:
        facts.add_column(sa.Column("stamp", sa.String(32)))


def downgrade() -> None:
    """Remove it again."""
    with op.batch_alter_table("tile_facts") as facts:
        facts.drop_column("stamp")
