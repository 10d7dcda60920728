"""The database's clock: the only one that leases and retries may be measured by."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection


def now(conn: Connection) -> datetime:
    """Return the database's present instant, not that of the transaction's start.

    Microseconds on PostgreSQL, milliseconds on SQLite.
    """
    if conn.dialect.name == "sqlite":
        said = conn.exec_driver_sql("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'").scalar_one()
        return datetime.fromisoformat(said)
    instant: datetime = conn.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
    return instant.astimezone(UTC)
