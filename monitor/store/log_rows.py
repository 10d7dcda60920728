"""Pushed rows: appended to their log once each, however often they come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from monitor.store.logs import Kind, Log

_ARRAYS: dict[Kind, str] = {
    "text": "text", "number": "double precision", "integer": "bigint", "boolean": "boolean", "instant": "timestamptz",
    "open": "text",
}  # fmt: skip


def append(conn: Connection, log: Log, rows: pa.Table, digests: Sequence[int]) -> int:
    """Append the rows that are not there yet; returns how many were appended.

    Parameters
    ----------
    log : Log
        It has every column of ``rows``, of the same kind.
    rows : Table
        Columns under their names: text, float64, int64, bool, or timestamp[us, UTC].
    digests : sequence of int
        What tells rows of one key apart, 64 bits, one each: a row that came before has the same.
    """
    if not rows.num_rows:
        return 0
    if conn.dialect.name == "postgresql":  # in one order, or two who push the same rows would wait for each other
        order = np.argsort(np.asarray(digests, np.int64))
        rows, digests = rows.take(order), [digests[at] for at in order]
    columns = [log.columns[name] for name in rows.column_names]
    names = ", ".join(["digest", *(column.place for column in columns)])
    values = [list(digests), *(_values(conn, rows.column(column.name)) for column in columns)]
    if conn.dialect.name == "sqlite":
        return _append_sqlite(conn, log, names, values)
    arrays = ", ".join(f"%s::{kind}[]" for kind in ["bigint", *(_ARRAYS[column.kind] for column in columns)])
    statement = f"INSERT INTO {log.table} ({names}) SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING"  # noqa: S608
    counted = f"WITH done AS ({statement} RETURNING 1) SELECT count(*) FROM done"  # noqa: S608
    return int(conn.exec_driver_sql(counted, tuple(values)).scalar_one())


def _append_sqlite(conn: Connection, log: Log, names: str, values: list[list[Any]]) -> int:
    marks = ", ".join("?" * len(values))
    driver: Any = conn.connection.driver_connection
    before = driver.total_changes
    statement = f"INSERT OR IGNORE INTO {log.table} ({names}) VALUES ({marks})"  # noqa: S608
    conn.exec_driver_sql(statement, list(zip(*values, strict=True)))
    added = int(driver.total_changes - before)
    if added:
        conn.execute(text("UPDATE logs SET version = version + 1 WHERE id = :id"), {"id": log.id})
    return added


def _values(conn: Connection, column: pa.ChunkedArray) -> list[Any]:
    """Return a column as the driver wants it; on SQLite instants are text of one width."""
    if pa.types.is_timestamp(column.type):
        plain = pc.strftime(column, "%Y-%m-%dT%H:%M:%SZ") if conn.dialect.name == "sqlite" else column
        return list(plain.to_pylist())
    return list(column.to_pylist())
