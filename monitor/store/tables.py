"""The tables: names, keys and constraints; the migrations in ``alembic/`` make exactly these.

Column names need no quotes on either database: ``window_end`` for ``end``, ``column_name`` for ``column``.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from monitor.store import columns
from monitor.store.columns import count, id_, model_id
from monitor.store.instant import Instant
from monitor.store.text import HostileText

STATUSES = ("due", "leased", "done", "failed", "skipped", "quarantined")
LARGEST = "1.7976931348623157e308"

metadata = columns.metadata

# config_version_id points at a later table that points back; left without a foreign key so that either can be rebuilt.
models = Table(
    "models",
    metadata,
    id_(),
    Column("name", HostileText, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("retired_at", Instant),
    Column("config_version_id", BigInteger),
    Column("source_state", String(40)),
    Column("source_error", HostileText),
    Column("source_checked_at", Instant),
    Column("grid_start", Instant),
    Column("materialised_until", Instant),
    Column("source_key", String(32)),
    Column("claimed_at", Instant),
    Column("kept_since", Instant),
    Column("source_since", Instant),
    Column("rows_seen", BigInteger),
)

config_versions = Table(
    "config_versions",
    metadata,
    id_(),
    model_id(),
    Column("version", Integer, nullable=False),
    Column("digest", String(128), nullable=False),
    Column("spec", HostileText, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("model_id", "digest"),
    UniqueConstraint("model_id", "version"),
)

reference_profiles = Table(
    "reference_profiles",
    metadata,
    id_(),
    model_id(),
    Column("version", Integer, nullable=False),
    Column("spec_digest", String(128), nullable=False),
    Column("fingerprint", String(128), nullable=False),
    Column("window_start", Instant),
    Column("window_end", Instant),
    Column("kind", String(40), nullable=False),
    count("rows"),
    Column("complete", Boolean, nullable=False),
    Column("layout", LargeBinary, nullable=False),
    Column("profile", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("restores", Integer),
    UniqueConstraint("model_id", "version"),
    Index(None, "model_id", "spec_digest", "version"),
)

# slot is the digest of (version, segment): their texts may be longer than an index entry may be.
tiles = Table(
    "tiles",
    metadata,
    model_id(primary_key=True),
    Column("fingerprint", String(128), primary_key=True),
    Column("tile_start", Instant, primary_key=True),
    Column("slot", String(32), primary_key=True),
    Column("tile_end", Instant, nullable=False),
    Column("version", HostileText, nullable=False, server_default=""),
    Column("segment", HostileText, nullable=False, server_default=""),
    count("rows"),
    count("labelled"),
    Column("profile", LargeBinary),
)

tile_facts = Table(
    "tile_facts",
    metadata,
    model_id(primary_key=True),
    Column("tile_start", Instant, primary_key=True),
    Column("tile_end", Instant, nullable=False),
    count("rows_read"),
    count("rows"),
    count("labelled"),
    count("duplicates"),
    Column("digest", Text, nullable=False, server_default=""),
    Column("max_updated_at", Instant),
    Column("scanned_at", Instant, nullable=False),
    Column("stamp", String(32)),
)

arrivals = Table(
    "arrivals",
    metadata,
    model_id(primary_key=True),
    Column("tile_start", Instant, primary_key=True),
    Column("looked_at", Instant, nullable=False),
    count("rows"),
    count("labelled"),
    count("late"),
    Column("stamped", Boolean, nullable=False, server_default=false()),
    Column("by_age", Text, nullable=False, server_default=""),
)

runs = Table(
    "runs",
    metadata,
    id_(),
    model_id(),
    Column("window_start", Instant, nullable=False),
    Column("window_end", Instant, nullable=False),
    Column("revision", Integer, nullable=False, server_default=text("0")),
    Column("status", String(20), nullable=False),
    Column("cause", String(40)),
    Column("owner", Text),
    Column("lease_until", Instant),
    Column("fence", BigInteger, nullable=False, server_default=text("0")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("deaths", Integer, nullable=False, server_default=text("0")),
    Column("next_attempt_at", Instant),
    Column("error_state", String(40)),
    Column("error", HostileText),
    Column("config_version_id", BigInteger, ForeignKey("config_versions.id")),
    Column("reference_id", BigInteger, ForeignKey("reference_profiles.id")),
    Column("digest", Text),
    Column("rows", BigInteger),
    Column("labelled", BigInteger),
    Column("coverage", Double),
    Column("provisional", Boolean, nullable=False, server_default=false()),
    Column("in_reference", Boolean, nullable=False, server_default=false()),
    Column("created_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("finished_at", Instant),
    Column("priority", Integer, nullable=False, server_default=text("0")),
    count("late"),
    Column("expected", Double),
    Column("closed", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("model_id", "window_start", "window_end", "revision"),
    CheckConstraint(f"status IN ({', '.join(map(repr, STATUSES))})", name="status"),
    CheckConstraint("window_start < window_end", name="window"),
    Index(None, "status", "model_id", "window_start"),
)

# One worker at a time may hold a model: the database says so, not the workers.
Index(
    "uq_runs_leased",
    runs.c.model_id,
    unique=True,
    sqlite_where=runs.c.status == "leased",
    postgresql_where=runs.c.status == "leased",
)

# What a worker asks again and again, however long the ledger.
Index(
    "ix_runs_due",
    runs.c.model_id,
    runs.c.priority,
    runs.c.window_start,
    sqlite_where=runs.c.status == "due",
    postgresql_where=runs.c.status == "due",
)

series = Table(
    "series",
    metadata,
    id_(),
    model_id(),
    Column("version", HostileText),
    Column("metric", HostileText, nullable=False),
    Column("column_name", HostileText),
    Column("group_json", HostileText),
    Column("key", String(32), nullable=False),
    UniqueConstraint("model_id", "key"),
)

# Keyed without a row id on SQLite: the rows of a series lie side by side, and nothing is stored twice.
measurements = Table(
    "measurements",
    metadata,
    Column("series_id", BigInteger, ForeignKey("series.id"), primary_key=True, autoincrement=False),
    Column("run_id", BigInteger, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("value", Double),
    Column("low", Double),
    Column("high", Double),
    Column("n", BigInteger, nullable=False),
    Column("provisional", Boolean, nullable=False),
    Column("reason", HostileText),
    *(
        CheckConstraint(f"{name} BETWEEN -{LARGEST} AND {LARGEST}", name=f"{name}_finite")
        for name in ("value", "low", "high")
    ),
    Index(None, "run_id"),
    sqlite_with_rowid=False,
)

changes = Table(
    "changes",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    model_id(),
    Column("kind", String(40), nullable=False),
    Column("window_start", Instant),
    Column("window_end", Instant),
    Column("revision", Integer),
    Column("run_id", BigInteger, ForeignKey("runs.id")),
    Column("created_at", Instant, nullable=False),
    Column("subject", String(40)),
    Index(None, "run_id"),
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

# What a worker does for a model beside its windows, one row each: looking at a new source, looking for late rows.
chores = Table(
    "chores",
    metadata,
    model_id(primary_key=True),
    Column("kind", String(40), primary_key=True),
    Column("due_at", Instant, nullable=False),
    Column("owner", Text),
    Column("lease_until", Instant),
    Column("fence", BigInteger, nullable=False, server_default=text("0")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("error_state", String(40)),
    Column("error", HostileText),
    Column("done_at", Instant),
)

# One row per source, whichever models read it: all replicas leave a broken one alone until retry_at.
sources = Table(
    "sources",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("state", String(40)),
    Column("error", HostileText),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("retry_at", Instant),
    Column("checked_at", Instant),
)

model_counters = Table(
    "model_counters",
    metadata,
    model_id(primary_key=True),
    Column("name", String(40), primary_key=True),
    count("value"),
)
