"""The catalogue of pushed logs: which tables hold a model's pushed rows, and what their columns are called.

The tables of rows themselves are not here: each model has its own, made when it is applied (`monitor.store.logs`).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint, text

from monitor.store.columns import id_, metadata, model_id
from monitor.store.instant import Instant

PREFIX = "pushed_rows_"
"""How the tables of rows are called, before the number of their log."""

logs = Table(
    "logs",
    metadata,
    id_(),
    model_id(),
    Column("kind", String(20), nullable=False),
    Column("version", BigInteger, nullable=False, server_default=text("0")),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("model_id", "kind"),
)

# What a column is called where rows come from, and where they are kept: c3_amount for "amount".
log_columns = Table(
    "log_columns",
    metadata,
    Column("log_id", BigInteger, ForeignKey("logs.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("place", String(63), nullable=False),
    Column("kind", String(20), nullable=False),
    UniqueConstraint("log_id", "name"),
)
