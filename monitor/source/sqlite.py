"""Logs in a SQLite file, opened read-only and read by the standard library.

SQLite keeps any value in any column, so every batch has the best types of its own values. While a
read runs, a writer of a file without write-ahead log waits; ``PRAGMA journal_mode=WAL`` avoids it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import dialect

from monitor.config.source import CsvConfig
from monitor.errors import SourceError
from monitor.source import sqlite_times
from monitor.source.instants import INSTANT
from monitor.source.relation import Request
from monitor.source.rows import batches
from monitor.source.sql import Condition, SqlTable, Statement, named_table, plain_query, subselect
from monitor.source.sql_relation import SqlRelation
from monitor.source.stamps import file_stamp
from monitor.source.suggest import missing_table

SCHEMES = ("sqlite", "sqlite+pysqlite")

Column = sa.ColumnElement[Any]
_DIALECT = dialect()
_ARROW = {sa.Boolean: pa.bool_(), sa.BigInteger: pa.int64(), sa.Double: pa.float64()}
_WAIT_SECONDS = 30


def open_relation(
    url: str, *, table: str | None, query: str | None, csv: CsvConfig | None, folder: Path
) -> SqlRelation:
    """Open a table, view or query of a SQLite file."""
    del csv
    engine = SqliteDatabase.open(url, folder)
    try:
        return SqlRelation(engine, engine.describe(table, query))
    except BaseException:
        engine.close()
        raise


@dataclass(frozen=True)
class SqliteDatabase:
    """An open SQLite file; see `monitor.source.sql.Database`."""

    path: Path
    connection: sqlite3.Connection
    seen: dict[tuple[str, str], tuple[int, sqlite_times.Ends]] = field(default_factory=dict, repr=False)

    @classmethod
    def open(cls, url: str, folder: Path) -> SqliteDatabase:
        """Open the file of ``sqlite:///path`` for reading only."""
        path = _path(url, folder)
        if not path.is_file():
            raise SourceError(
                f"there is no SQLite file {path}",
                "three slashes are relative to monitor.yaml's folder, four are absolute",
                state="unreachable",
            )
        connection: sqlite3.Connection | None = None
        with _translated(path):
            address = f"file:{quote(str(path))}?mode=ro"
            connection = sqlite3.connect(
                address, uri=True, timeout=_WAIT_SECONDS, check_same_thread=False, isolation_level=None
            )
            connection.text_factory = bytes
            connection.execute("PRAGMA query_only=1")
            connection.execute("SELECT count(*) FROM sqlite_master")
        return cls(path, connection)

    @property
    def identity(self) -> str:
        """Identify the file."""
        return f"sqlite:///{self.path}"

    @property
    def hashes(self) -> bool:
        """Return False: SQLite has no hash of its own."""
        return False

    def stamp(self) -> str | None:
        """Return the stamp of the file and of its write-ahead log."""
        return file_stamp(self.path, f"{self.path}-wal")

    def clock(self) -> datetime | None:
        """Return None: a file has no clock."""
        return None

    def describe(self, table: str | None, query: str | None) -> SqlTable:
        """Find a table or view, or take a query, with its columns and their declared types."""
        if query is not None:
            names = self._query_columns(query)
            clause = subselect(query, dict.fromkeys(names, sa.types.NULLTYPE))
            return SqlTable(f"the query on {self.path}", clause, dict.fromkeys(names, sa.types.NULLTYPE))
        if table is None:
            raise SourceError(f"{self.path} needs a table", "add `table:`", state="missing_table")
        known = [row[0] for row in self._text("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]
        name = next((each for each in known if each.lower() == table.lower()), None)
        if name is None:
            raise missing_table(str(self.path), table, known)
        rows = self._text("SELECT name, type, pk FROM pragma_table_xinfo(?) WHERE hidden <> 1", name)
        types = {row[0]: declared_type(row[1]) for row in rows}
        primary = [row[0] for row in rows if row[2]]
        keys = set(primary if len(primary) == 1 else ()) | self._unique_columns(name)
        clause = named_table(name, dict.fromkeys(types, sa.types.NULLTYPE))
        return SqlTable(f"table {name!r} of {self.path}", clause, types, frozenset(keys))

    def field(self, table: SqlTable, name: str) -> pa.Field:
        """Return a column with the Arrow type that its declaration promises; SQLite keeps instants as text."""
        kind = table.types[name]
        noted = INSTANT if isinstance(kind, sa.DateTime) else None
        return pa.field(name, _ARROW.get(type(kind), pa.string()), metadata=noted)

    def output(self, table: SqlTable, name: str) -> Column:
        """Return the column as it is: its values bring their types."""
        return table.clause.c[name]

    def same(self, table: SqlTable, name: str, value: object) -> Condition:
        """Demand that a column equals a bound value."""
        column = table.column(name)
        return column.is_(None) if value is None else column == sa.literal(value)

    def within(self, table: SqlTable, request: Request) -> Condition:
        """Bound the time column in the forms that stand in it."""
        column = table.column(str(request.time))
        return sqlite_times.within(column, self._ends(table, str(request.time)), request)

    def newest_first(self, table: SqlTable, time: str) -> list[Column]:
        """Order by the instant, to the millisecond, then by the raw value."""
        column, found = table.column(time), self._ends(table, time)
        if found.numbers or found.numeric_text:
            return [sqlite_times.instant(column).desc(), column.desc()]
        return [sa.func.julianday(column).desc(), column.desc()]

    def extremes(self, table: SqlTable, request: Request) -> tuple[object, object] | None:
        """Return the first and last time as aware datetimes."""
        return sqlite_times.extremes(self.rows, table, request, self.same)

    def rows(self, statement: Statement) -> Iterator[tuple[Any, ...]]:
        """Run a statement and give its rows one by one; text comes as bytes."""
        with _translated(self.path):
            yield from self._execute(statement)

    def stream(self, statement: Statement, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """Run a statement and stream its rows as Arrow batches."""
        with _translated(self.path):
            cursor = self._execute(statement)
            try:
                yield from batches(cursor, schema)
            finally:
                cursor.close()

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def _ends(self, table: SqlTable, time: str) -> sqlite_times.Ends:
        """Look at the ends of a time column, anew whenever somebody has written to the file.

        Where nobody has, as when a year of windows is read, all its text is looked at once, which
        makes the bounds of all further windows exact.
        """
        version = self._text("PRAGMA data_version")[0][0]
        key = (table.place, time)
        seen_at, found = self.seen.get(key, (None, None))
        if found is None or seen_at != version:
            found = sqlite_times.ends(self.rows, table, time)
        elif found.last is not None and not found.uniform and not found.looked:
            proven = sqlite_times.uniform(self.rows, table, time, found)
            found = replace(found, uniform=proven, looked=True)
        self.seen[key] = (version, found)
        return found

    def _execute(self, statement: Statement) -> sqlite3.Cursor:
        compiled = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
        values = [compiled.params[name] for name in compiled.positiontup or ()]
        return self.connection.execute(str(compiled), values)

    def _text(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
        """Run one of our own catalogue statements; text comes as text."""
        with _translated(self.path):
            rows = self.connection.execute(sql, values).fetchall()
        return [tuple(_plain(value) for value in row) for row in rows]

    def _query_columns(self, query: str) -> list[str]:
        """Return the columns that a query gives."""
        with _translated(self.path):
            cursor = self.connection.execute(f"SELECT * FROM ({plain_query(query)}\n) LIMIT 0")  # noqa: S608
            return [str(entry[0]) for entry in cursor.description]

    def _unique_columns(self, table: str) -> set[str]:
        """Return the columns that a unique index of one column, over all rows, covers."""
        found: set[str] = set()
        indexes = self._text('SELECT name FROM pragma_index_list(?) WHERE "unique" AND NOT partial', table)
        for (index,) in indexes:
            columns = [row[0] for row in self._text("SELECT name FROM pragma_index_info(?)", index)]
            if len(columns) == 1 and columns[0] is not None:
                found.add(columns[0])
        return found


def declared_type(declaration: str) -> sa.types.TypeEngine[Any]:
    """Return the type that a column's declaration promises, by SQLite's rules of affinity.

    Examples
    --------
    >>> [str(declared_type(each)) for each in ("VARCHAR(20)", "boolean", "BIGINT", "DATETIME")]
    ['TEXT', 'BOOLEAN', 'BIGINT', 'DATETIME']
    """
    name = (declaration or "").upper()
    if "BOOL" in name:
        return sa.Boolean()
    if "DATE" in name or "TIME" in name:
        return sa.DateTime()
    if "INT" in name:
        return sa.BigInteger()
    if any(part in name for part in ("CHAR", "CLOB", "TEXT", "JSON", "UUID")):
        return sa.Text()
    if any(part in name for part in ("REAL", "FLOA", "DOUB", "NUM", "DEC")):
        return sa.Double()
    return sa.types.NULLTYPE


def _path(url: str, folder: Path) -> Path:
    """Return the file that a URL names."""
    rest = url.partition("://")[2].partition("?")[0].removeprefix("/").removeprefix("file:")
    if rest in ("", ":memory:"):
        raise SourceError(
            "a SQLite database in memory cannot be read by another process",
            "write the log to a file: sqlite:///logs.db",
            state="unreachable",
        )
    plain, spelled = (Path(folder, name).resolve() for name in (rest, unquote(rest)))
    return plain if plain.exists() else spelled


def _plain(value: object) -> object:
    """Decode a catalogue's text."""
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value


class _translated:  # noqa: N801  it reads as a verb where it is used
    """Turns SQLite's errors into ones that say where and what to do."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Translate what was raised, if SQLite raised it."""
        if isinstance(error, sqlite3.Error):
            raise _explained(self.path, error) from error


def _explained(path: Path, error: sqlite3.Error) -> SourceError:
    """Say what an error of SQLite means for the reader."""
    said = str(error)
    for part, state, hint in _MEANINGS:
        if part in said:
            return SourceError(f"{path}: {said}", hint, state=state)
    return SourceError(f"{path}: {said}", "check the file with `sqlite3 FILE .schema`", state="unreadable")


_MEANINGS = (
    ("no such table", "missing_table", "check `table:` or `query:`"),
    ("no such column", "missing_column", "check the columns in `query:`"),
    ("locked", "timeout", "a writer holds the file; PRAGMA journal_mode=WAL lets both work"),
    ("unable to open", "permission_denied", "this user must be able to read the file and its folder"),
    ("readonly", "permission_denied", "logs are only read; `query:` must be a SELECT"),
    ("not a database", "unreadable", "the file is no SQLite database, or is encrypted"),
    ("syntax error", "unreadable", "`query:` must be one SELECT statement"),
)
