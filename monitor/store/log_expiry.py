"""Pushed rows that nothing needs any more: counted, and removed a few thousand at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from monitor.store.instant import instant_text

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from monitor.domain.window import Window
    from monitor.store.logs import Log

AT_ONCE = 5_000
_ROW = {"sqlite": "rowid", "postgresql": "ctid"}


@dataclass(frozen=True)
class OldRows:
    """Rows of a log before an instant by a column, but for those in ``kept`` intervals.

    Parameters
    ----------
    orphans : (Log, mapping of str to str), optional
        Another log, and which columns of it are the same as which of this one: rows that still have theirs there stay.
    """

    log: Log
    column: str
    before: datetime
    kept: tuple[Window, ...] = ()
    orphans: tuple[Log, dict[str, str]] | None = None


def count(conn: Connection, old: OldRows) -> int:
    """Return how many there are."""
    where, values = _where(conn, old)
    return int(conn.execute(text(f"SELECT count(*) FROM {old.log.table} mine WHERE {where}"), values).scalar_one())  # noqa: S608


def remove_some(conn: Connection, old: OldRows) -> int:
    """Remove some thousands of them; returns how many."""
    where, values = _where(conn, old)
    row = _ROW[conn.dialect.name]
    chosen = f"SELECT mine.{row} FROM {old.log.table} mine WHERE {where} LIMIT {AT_ONCE}"  # noqa: S608
    gone = text(f"DELETE FROM {old.log.table} WHERE {row} IN ({chosen}) RETURNING 1")  # noqa: S608
    return len(conn.execute(gone, values).all())


def _where(conn: Connection, old: OldRows) -> tuple[str, dict[str, Any]]:
    """Return the condition: identifiers are ours, values are bound."""
    at = f"mine.{old.log.columns[old.column].place}"
    values: dict[str, Any] = {"before": old.before}
    parts = [f"{at} < :before"]
    for number, window in enumerate(old.kept):
        parts.append(f"NOT ({at} >= :start{number} AND {at} < :end{number})")
        values |= {f"start{number}": window.start, f"end{number}": window.end}
    if old.orphans is not None:
        other, same = old.orphans
        pairs = [f"theirs.{other.columns[a].place} = mine.{old.log.columns[b].place}" for a, b in same.items()]
        parts.append(f"NOT EXISTS (SELECT 1 FROM {other.table} theirs WHERE {' AND '.join(pairs)})")  # noqa: S608
    if conn.dialect.name == "sqlite":
        values = {name: instant_text(value) for name, value in values.items()}
    return " AND ".join(parts), values
