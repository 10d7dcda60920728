"""Access: keys, users and their sessions, failed logins, and a log of changes that only grows."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Types are spelled out: a migration must not change when the code's own types do.
INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
REFUSAL = "the audit log is only ever added to"


def upgrade() -> None:
    """Make the tables."""
    make_keys()
    make_users()
    make_audit_log()
    refuse_changes()


def downgrade() -> None:
    """Remove them again."""
    op.drop_table("audit_log")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_log_refuses()")
    op.execute("DELETE FROM counters WHERE name = 'audit'")
    for table in ("login_failures", "sessions", "users", "api_keys", "peppers"):
        op.drop_table(table)


def make_keys() -> None:
    """Make the tables of keys and of what they are hashed with."""
    op.create_table(
        "peppers",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("pepper", sa.String(64), nullable=False),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(8), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("models", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("expires_at", INSTANT),
        sa.Column("used_at", INSTANT),
        sa.Column("revoked_at", INSTANT),
    )


def make_users() -> None:
    """Make the tables of users, of their sessions and of logins that failed."""
    op.create_table(
        "users",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("models", sa.Text, nullable=False),
        sa.Column("password", sa.Text),
        sa.Column("subject", sa.String(64)),
        sa.Column("token", sa.String(64)),
        sa.Column("token_until", INSTANT),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT),
        sa.Column("disabled_at", INSTANT),
        sa.UniqueConstraint("name"),
        sa.UniqueConstraint("subject"),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("user_id", sa.BigInteger, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Index(None, "user_id"),
        sa.Index(None, "ends_at"),
    )
    op.create_table(
        "login_failures",
        sa.Column("key", sa.String(32), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Index(None, "until"),
    )


def make_audit_log() -> None:
    """Make the log and the counter that gives its rows their numbers."""
    op.create_table(
        "audit_log",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("object", sa.Text, nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.Column("request_id", sa.Text),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.execute("INSERT INTO counters (name, value) VALUES ('audit', 0)")


def refuse_changes() -> None:
    """Let the database itself refuse to change or remove a row of the log."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_log_refuses() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_log_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log"
            " FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuses()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_log_no_{verb.lower()} BEFORE {verb} ON audit_log"
            f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )
