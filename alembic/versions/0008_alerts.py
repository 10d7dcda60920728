"""Alerts: verdicts by window, instances, incidents with timelines, silences, what receivers know, the outbox."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Types are spelled out: a migration must not change when the code's own types do.
INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
ZERO = sa.text("0")


def upgrade() -> None:
    """Make the tables."""
    make_state()
    make_incidents()
    make_outbox()
    make_receivers()


def downgrade() -> None:
    """Remove them again."""
    for table in (
        "receiver_states", "outbox", "ledgers", "silences", "timeline", "incidents", "instances", "verdicts",
    ):  # fmt: skip
        op.drop_table(table)


def model() -> sa.Column:
    """Return the column that says whose a row is."""
    return sa.Column("model_id", sa.BigInteger, sa.ForeignKey("models.id"), nullable=False)


def make_state() -> None:
    """Make the tables of what was judged, and of what came of it so far."""
    op.create_table(
        "verdicts",
        sa.Column("run_id", sa.BigInteger, sa.ForeignKey("runs.id"), primary_key=True, autoincrement=False),
        sa.Column("verdicts", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "instances",
        sa.Column("model_id", sa.BigInteger, sa.ForeignKey("models.id"), primary_key=True),
        sa.Column("fingerprint", sa.String(64), primary_key=True),
        sa.Column("phase", sa.String(20), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
    )


def make_incidents() -> None:
    """Make the tables of incidents, of what happened to them, and of silences."""
    op.create_table(
        "incidents",
        sa.Column("id", sa.String(40), primary_key=True),
        model(),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("serial", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("severity", sa.String(20), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("resolved_at", INSTANT),
        sa.Column("incident", sa.Text, nullable=False),
        sa.UniqueConstraint("key", "serial"),
        sa.Index(None, "model_id", "state"),
        sa.Index(None, "opened_at"),
    )
    op.create_table(
        "timeline",
        sa.Column("incident_id", sa.String(40), sa.ForeignKey("incidents.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("actor", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("fingerprint", sa.String(64)),
        sa.Column("severity", sa.String(20)),
        sa.Column("reason", sa.Text),
    )
    op.create_table(
        "silences",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("silence", sa.Text, nullable=False),
        sa.Index(None, "ends_at"),
    )


def make_outbox() -> None:
    """Make the tables of what receivers were told and are to be told."""
    op.create_table(
        "ledgers",
        sa.Column("incident_id", sa.String(40), sa.ForeignKey("incidents.id"), primary_key=True),
        sa.Column("receiver", sa.Text, primary_key=True),
        sa.Column("ledger", sa.Text, nullable=False),
        sa.Column("handle", sa.Text),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("incident_id", sa.String(40), sa.ForeignKey("incidents.id")),
        sa.Column("receiver", sa.Text, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default=ZERO),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("owner", sa.Text),
        sa.Column("lease_until", INSTANT),
        sa.Column("fence", sa.BigInteger, nullable=False, server_default=ZERO),
        sa.Column("last_status", sa.Integer),
        sa.Column("last_error", sa.Text),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("settled_at", INSTANT),
        sa.UniqueConstraint("incident_id", "receiver", "seq"),
        sa.CheckConstraint("state IN ('queued', 'leased', 'delivered', 'cancelled', 'dead')", name="state"),
        sa.Index(None, "state", "receiver", "next_at"),
    )


def make_receivers() -> None:
    """Make the table of how receivers fare."""
    op.create_table(
        "receiver_states",
        sa.Column("receiver", sa.Text, primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False, server_default=ZERO),
        sa.Column("retry_at", INSTANT),
        sa.Column("disabled_at", INSTANT),
        sa.Column("error", sa.Text),
        sa.Column("owner", sa.Text),
        sa.Column("lease_until", INSTANT),
    )
