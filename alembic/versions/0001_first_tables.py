"""The first tables: models, references, tiles, the ledger of windows, measurements and the change feed."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Types are spelled out: a migration must not change when the code's own types do.
INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
LARGEST = "1.7976931348623157e308"
LEASED = sa.text("status = 'leased'")


def upgrade() -> None:
    """Make every table."""
    make_models()
    make_references()
    make_tiles()
    make_runs()
    make_series()
    make_changes()


def downgrade() -> None:
    """Remove every table."""
    for table in (
        "measurements", "series", "changes", "runs", "tile_facts", "tiles",
        "reference_profiles", "config_versions", "models", "counters",
    ):  # fmt: skip
        op.drop_table(table)


def identity() -> sa.Column:
    """Return the number of a row."""
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)


def link(name: str, target: str, **options: bool) -> sa.Column:
    """Return a column that points at another table's row."""
    return sa.Column(name, sa.BigInteger, sa.ForeignKey(target), **options)


def count(name: str) -> sa.Column:
    """Return a column of numbers of rows."""
    return sa.Column(name, sa.BigInteger, nullable=False, server_default=sa.text("0"))


def make_models() -> None:
    """Make the tables of models and of their configurations."""
    op.create_table(
        "models",
        identity(),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("retired_at", INSTANT),
        sa.Column("config_version_id", sa.BigInteger),
        sa.Column("source_state", sa.String(40)),
        sa.Column("source_error", sa.Text),
        sa.Column("source_checked_at", INSTANT),
    )
    op.create_table(
        "config_versions",
        identity(),
        link("model_id", "models.id", nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(128), nullable=False),
        sa.Column("spec", sa.Text, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.UniqueConstraint("model_id", "digest"),
        sa.UniqueConstraint("model_id", "version"),
    )


def make_references() -> None:
    """Make the table of frozen references."""
    op.create_table(
        "reference_profiles",
        identity(),
        link("model_id", "models.id", nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("spec_digest", sa.String(128), nullable=False),
        sa.Column("fingerprint", sa.String(128), nullable=False),
        sa.Column("window_start", INSTANT),
        sa.Column("window_end", INSTANT),
        sa.Column("kind", sa.String(40), nullable=False),
        count("rows"),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("layout", sa.LargeBinary, nullable=False),
        sa.Column("profile", sa.LargeBinary, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.UniqueConstraint("model_id", "version"),
        sa.Index(None, "model_id", "spec_digest", "version"),
    )


def make_tiles() -> None:
    """Make the tables of counted tiles and of what was found in the log for each."""
    op.create_table(
        "tiles",
        link("model_id", "models.id", primary_key=True),
        sa.Column("fingerprint", sa.String(128), primary_key=True),
        sa.Column("tile_start", INSTANT, primary_key=True),
        sa.Column("slot", sa.String(32), primary_key=True),
        sa.Column("tile_end", INSTANT, nullable=False),
        sa.Column("version", sa.Text, nullable=False, server_default=""),
        sa.Column("segment", sa.Text, nullable=False, server_default=""),
        count("rows"),
        count("labelled"),
        sa.Column("profile", sa.LargeBinary),
    )
    op.create_table(
        "tile_facts",
        link("model_id", "models.id", primary_key=True),
        sa.Column("tile_start", INSTANT, primary_key=True),
        sa.Column("tile_end", INSTANT, nullable=False),
        count("rows_read"),
        count("rows"),
        count("labelled"),
        count("duplicates"),
        sa.Column("digest", sa.Text, nullable=False, server_default=""),
        sa.Column("max_updated_at", INSTANT),
        sa.Column("scanned_at", INSTANT, nullable=False),
    )


def make_runs() -> None:
    """Make the ledger of windows."""
    zero = sa.text("0")
    op.create_table(
        "runs",
        identity(),
        link("model_id", "models.id", nullable=False),
        sa.Column("window_start", INSTANT, nullable=False),
        sa.Column("window_end", INSTANT, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False, server_default=zero),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("cause", sa.String(40)),
        sa.Column("owner", sa.Text),
        sa.Column("lease_until", INSTANT),
        sa.Column("fence", sa.BigInteger, nullable=False, server_default=zero),
        sa.Column("attempts", sa.Integer, nullable=False, server_default=zero),
        sa.Column("deaths", sa.Integer, nullable=False, server_default=zero),
        sa.Column("next_attempt_at", INSTANT),
        sa.Column("error_state", sa.String(40)),
        sa.Column("error", sa.Text),
        link("config_version_id", "config_versions.id"),
        link("reference_id", "reference_profiles.id"),
        sa.Column("digest", sa.Text),
        sa.Column("rows", sa.BigInteger),
        sa.Column("labelled", sa.BigInteger),
        sa.Column("coverage", sa.Double),
        sa.Column("provisional", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("in_reference", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("started_at", INSTANT),
        sa.Column("finished_at", INSTANT),
        sa.UniqueConstraint("model_id", "window_start", "window_end", "revision"),
        sa.CheckConstraint("status IN ('due', 'leased', 'done', 'failed', 'skipped', 'quarantined')", name="status"),
        sa.CheckConstraint("window_start < window_end", name="window"),
        sa.Index(None, "status", "model_id", "window_start"),
    )
    op.create_index("uq_runs_leased", "runs", ["model_id"], unique=True, sqlite_where=LEASED, postgresql_where=LEASED)


def make_series() -> None:
    """Make the tables of series and of their values."""
    op.create_table(
        "series",
        identity(),
        link("model_id", "models.id", nullable=False),
        sa.Column("version", sa.Text),
        sa.Column("metric", sa.Text, nullable=False),
        sa.Column("column_name", sa.Text),
        sa.Column("group_json", sa.Text),
        sa.Column("key", sa.String(32), nullable=False),
        sa.UniqueConstraint("model_id", "key"),
    )
    op.create_table(
        "measurements",
        link("series_id", "series.id", primary_key=True),
        link("run_id", "runs.id", primary_key=True),
        sa.Column("value", sa.Double),
        sa.Column("low", sa.Double),
        sa.Column("high", sa.Double),
        sa.Column("n", sa.BigInteger, nullable=False),
        sa.Column("provisional", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text),
        *(
            sa.CheckConstraint(f"{name} BETWEEN -{LARGEST} AND {LARGEST}", name=f"{name}_finite")
            for name in ("value", "low", "high")
        ),
        sa.Index(None, "run_id"),
        sqlite_with_rowid=False,
    )


def make_changes() -> None:
    """Make the change feed and the counter that numbers it."""
    op.create_table(
        "changes",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        link("model_id", "models.id", nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("window_start", INSTANT),
        sa.Column("window_end", INSTANT),
        sa.Column("revision", sa.Integer),
        link("run_id", "runs.id"),
        sa.Column("created_at", INSTANT, nullable=False),
    )
    counters = op.create_table(
        "counters",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(counters, [{"name": "changes", "value": 0}])
