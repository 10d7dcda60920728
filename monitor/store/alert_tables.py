"""The tables of alerts: what was judged, what is open, who was told, and what is still to be told."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from monitor.store.columns import metadata, model_id
from monitor.store.instant import Instant
from monitor.store.text import HostileText

DELIVERIES = ("queued", "leased", "delivered", "cancelled", "dead")

# All verdicts of a window in one compressed text: they are read together or not at all.
verdicts = Table(
    "verdicts",
    metadata,
    Column("run_id", BigInteger, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("verdicts", LargeBinary, nullable=False),
)

instances = Table(
    "instances",
    metadata,
    model_id(primary_key=True),
    Column("fingerprint", String(64), primary_key=True),
    Column("phase", String(20), nullable=False),
    Column("state", Text, nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", String(40), primary_key=True),
    model_id(),
    Column("key", HostileText, nullable=False),
    Column("serial", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("severity", String(20), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("resolved_at", Instant),
    Column("incident", Text, nullable=False),
    UniqueConstraint("key", "serial"),
    Index(None, "model_id", "state"),
    Index(None, "opened_at"),
)

timeline = Table(
    "timeline",
    metadata,
    Column("incident_id", String(40), ForeignKey("incidents.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("actor", HostileText),
    Column("note", HostileText),
    Column("fingerprint", String(64)),
    Column("severity", String(20)),
    Column("reason", HostileText),
)

silences = Table(
    "silences",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("silence", Text, nullable=False),
    Index(None, "ends_at"),
)

# What each receiver was told of each incident; handle is what it answered, as the number of a chat's message.
ledgers = Table(
    "ledgers",
    metadata,
    Column("incident_id", String(40), ForeignKey("incidents.id"), primary_key=True),
    Column("receiver", HostileText, primary_key=True),
    Column("ledger", Text, nullable=False),
    Column("handle", HostileText),
)

# One row a notice: entered with the state that it tells of, or not at all.
outbox = Table(
    "outbox",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("incident_id", String(40), ForeignKey("incidents.id")),
    Column("receiver", HostileText, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("message", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("owner", Text),
    Column("lease_until", Instant),
    Column("fence", BigInteger, nullable=False, server_default=text("0")),
    Column("last_status", Integer),
    Column("last_error", HostileText),
    Column("created_at", Instant, nullable=False),
    Column("settled_at", Instant),
    UniqueConstraint("incident_id", "receiver", "seq"),
    CheckConstraint(f"state IN ({', '.join(map(repr, DELIVERIES))})", name="state"),
    Index(None, "state", "receiver", "next_at"),
)

# A receiver that fails is left alone for a while; one that works is lent to one sender at a time.
receiver_states = Table(
    "receiver_states",
    metadata,
    Column("receiver", HostileText, primary_key=True),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("retry_at", Instant),
    Column("disabled_at", Instant),
    Column("error", HostileText),
    Column("owner", Text),
    Column("lease_until", Instant),
)
