"""The tables of who may ask: keys, users and their sessions, failed logins, and the log of what was changed."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from monitor.store.columns import id_, metadata
from monitor.store.instant import Instant
from monitor.store.text import HostileText

# What this store's secrets are hashed with, unless the environment gives it: one row.
peppers = Table(
    "peppers",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("pepper", String(64), nullable=False),
)

# A row stays when its key is revoked: that somebody once set up access is never forgotten.
api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(8), primary_key=True),
    Column("name", HostileText, nullable=False),
    Column("role", String(20), nullable=False),
    Column("models", HostileText, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", HostileText, nullable=False),
    Column("expires_at", Instant),
    Column("used_at", Instant),
    Column("revoked_at", Instant),
)

# subject is who it is at a provider of identities; a user with one has no password here.
users = Table(
    "users",
    metadata,
    id_(),
    Column("name", String(200), nullable=False, unique=True),
    Column("role", String(20), nullable=False),
    Column("models", HostileText, nullable=False),
    Column("password", Text),
    Column("subject", String(64), unique=True),
    Column("token", String(64)),
    Column("token_until", Instant),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant),
    Column("disabled_at", Instant),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("user_id", BigInteger, ForeignKey("users.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Index(None, "user_id"),
    Index(None, "ends_at"),
)

login_failures = Table(
    "login_failures",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("until", Instant, nullable=False),
    Index(None, "until"),
)

# Rows are only ever added: triggers refuse the rest, and each row's hash covers that of the row before.
audit_log = Table(
    "audit_log",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", HostileText, nullable=False),
    Column("action", String(60), nullable=False),
    Column("object", HostileText, nullable=False),
    Column("before", HostileText),
    Column("after", HostileText),
    Column("request_id", HostileText),
    Column("hash", String(64), nullable=False),
)
