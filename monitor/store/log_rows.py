"""Pushed rows: appended to their log once each, however often they come."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from monitor.store.logs import Log


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
    if conn.dialect.name == "sqlite":
        return _append_sqlite(conn, log, rows, digests)
    order = np.argsort(np.asarray(digests, np.int64))  # or two who push the same rows would wait for each other
    told = pa.array(digests, pa.int64())
    csv = _written(rows.add_column(0, " digest", told).take(order))
    try:
        with conn.begin_nested():
            _copy(conn, f"{log.table} ({_names(log, rows)})", csv)
    except IntegrityError:  # some of the rows are there already
        return _append_some(conn, log, _names(log, rows), csv)
    return int(rows.num_rows)


def _append_some(conn: Connection, log: Log, names: str, csv: BytesIO) -> int:
    """Append what is not there yet of rows that were written out; returns how many were appended."""
    conn.exec_driver_sql(f"CREATE TEMP TABLE pushed ON COMMIT DROP AS SELECT {names} FROM {log.table} WITH NO DATA")  # noqa: S608
    _copy(conn, "pushed", csv)
    insert = f"INSERT INTO {log.table} ({names}) SELECT {names} FROM pushed ON CONFLICT DO NOTHING"  # noqa: S608
    counted = f"WITH done AS ({insert} RETURNING 1) SELECT count(*) FROM done"  # noqa: S608
    return int(conn.exec_driver_sql(counted).scalar_one())


def _written(rows: pa.Table) -> BytesIO:
    """Write rows as CSV in which every text is quoted, so that an empty one is not missing."""
    from pyarrow.csv import WriteOptions, write_csv  # noqa: PLC0415  as below: not for those who push nothing

    csv = BytesIO()
    write_csv(rows, csv, WriteOptions(include_header=False, quoting_style="needed"))
    return csv


def _copy(conn: Connection, place: str, csv: BytesIO) -> None:
    """Copy rows into a table.

    Raises
    ------
    IntegrityError
        One is there already.
    """
    import psycopg  # noqa: PLC0415

    driver: Any = conn.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(f"COPY {place} FROM STDIN (FORMAT csv)") as copy:
            copy.write(csv.getbuffer())
    except psycopg.Error as error:
        kind = IntegrityError if isinstance(error, psycopg.IntegrityError) else OperationalError
        raise kind(f"COPY {place}", None, error) from error


def _names(log: Log, rows: pa.Table) -> str:
    return ", ".join(["digest", *(log.columns[name].place for name in rows.column_names)])


def _append_sqlite(conn: Connection, log: Log, rows: pa.Table, digests: Sequence[int]) -> int:
    values = [list(digests), *map(_values, rows.columns)]
    marks = ", ".join("?" * len(values))
    driver: Any = conn.connection.driver_connection
    before = driver.total_changes
    statement = f"INSERT OR IGNORE INTO {log.table} ({_names(log, rows)}) VALUES ({marks})"  # noqa: S608
    conn.exec_driver_sql(statement, list(zip(*values, strict=True)))
    added = int(driver.total_changes - before)
    if added:
        conn.execute(text("UPDATE logs SET version = version + 1 WHERE id = :id"), {"id": log.id})
    return added


def _values(column: pa.ChunkedArray) -> list[Any]:
    """Return a column as SQLite keeps it: instants are text of one width."""
    timed = pa.types.is_timestamp(column.type)
    return list((pc.strftime(column, "%Y-%m-%dT%H:%M:%SZ") if timed else column).to_pylist())
