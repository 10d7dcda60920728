"""Since when a source has been as it is, and how many rows a model that learns has seen: status asks no source."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Add both."""
    with op.batch_alter_table("models") as models:
        models.add_column(sa.Column("source_since", INSTANT))
        models.add_column(sa.Column("rows_seen", sa.BigInteger))


def downgrade() -> None:
    """Remove them again."""
    with op.batch_alter_table("models") as models:
        models.drop_column("rows_seen")
        models.drop_column("source_since")
