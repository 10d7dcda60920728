"""Which version a reference brings back, so that going back can be done again and again."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    with op.batch_alter_table("reference_profiles") as references:
        references.add_column(sa.Column("restores", sa.Integer))


def downgrade() -> None:
    """Remove it again."""
    with op.batch_alter_table("reference_profiles") as references:
        references.drop_column("restores")
