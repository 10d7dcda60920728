"""Instants in columns: aware UTC datetimes in and out, on either database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, String
from sqlalchemy.types import TypeDecorator, TypeEngine

WIDTH = 27


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime with microseconds; a naive one is refused.

    ``timestamptz`` on PostgreSQL. On SQLite text of one width, ``2013-03-01T00:00:00.000000Z``, so that comparing and
    sorting text compares and sorts time.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose text on SQLite, the type with a time zone elsewhere."""
        return dialect.type_descriptor(String(WIDTH) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Turn an instant into what the driver stores."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return instant_text(value)
        return in_utc(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Turn what the driver gives back into an instant in UTC."""
        if value is None:
            return None
        return datetime.fromisoformat(value) if dialect.name == "sqlite" else value.astimezone(UTC)


def in_utc(value: datetime) -> datetime:
    """Return the same instant in UTC.

    Raises
    ------
    ValueError
        The datetime has no time zone, so it names no instant.

    Examples
    --------
    >>> in_utc(datetime.fromisoformat("2013-03-01T01:00:00+01:00"))
    datetime.datetime(2013, 3, 1, 0, 0, tzinfo=datetime.timezone.utc)
    """
    if value.tzinfo is None:
        raise ValueError(f"a naive datetime names no instant: {value.isoformat()}")
    return value.astimezone(UTC)


def instant_text(value: datetime) -> str:
    """Return the instant as sortable text, 27 characters wide.

    Examples
    --------
    >>> instant_text(datetime(2013, 3, 1, tzinfo=UTC))
    '2013-03-01T00:00:00.000000Z'
    """
    return in_utc(value).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
