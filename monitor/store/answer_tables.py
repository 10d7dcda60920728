"""The table of answers: what was answered to requests that name themselves by a key."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from monitor.store.columns import metadata
from monitor.store.instant import Instant
from monitor.store.text import HostileText

answers = Table(
    "answers",
    metadata,
    Column("caller", String(64), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("request", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", HostileText, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index(None, "created_at"),
)
