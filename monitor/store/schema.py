"""All tables together, as migrations make them and `monitor db check` compares them."""

from __future__ import annotations

from monitor.store import access_tables, alert_tables, answer_tables, log_tables, retraining_tables, tables

metadata = tables.metadata
MODULES = (tables, alert_tables, access_tables, log_tables, retraining_tables, answer_tables)
"""The files that the tables are in: importing them is what makes them part of ``metadata``."""
