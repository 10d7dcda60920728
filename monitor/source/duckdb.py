"""A DuckDB file, opened for reading only: a table, a view or a query in it."""

# ruff: noqa: S608  names are quoted, values bound
from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

import duckdb
import pyarrow as pa

from monitor.config.source import CsvConfig
from monitor.errors import SourceError
from monitor.source.demand import demanded, literal, spans
from monitor.source.files import brief, local_pattern, no_match
from monitor.source.fileset import batch_rows
from monitor.source.plain import plain, plain_schema
from monitor.source.relation import Relation, Request
from monitor.source.scratch import quoted, settings, spill_folder
from monitor.source.stamps import file_stamp
from monitor.source.suggest import missing_table

SCHEMES = ("duckdb",)
_NESTED = re.compile(r"STRUCT|MAP|UNION|.*\]$")
_ODD = re.compile(r"TIME$|TIME WITH|TIME_|INTERVAL|BIT|BIGNUM|VARIANT|GEOMETRY")


def open_relation(url: str, *, table: str | None, query: str | None, csv: CsvConfig | None, folder: Path) -> Relation:
    """Open a table or a query of ``duckdb:///file.db``.

    Raises
    ------
    SourceError
        The file or table is not there, or another process writes the file.
    """
    del csv
    path = local_pattern(url, folder)
    if not Path(path).exists():
        raise no_match(url, path)
    if (table is None) == (query is None):
        raise SourceError(f"{path} holds many tables", "write either `table:` or `query:`")
    connection = _connected(path)
    try:
        connection.execute("SET TimeZone = 'UTC'")
        if query is not None:
            return DuckDBRelation(path, connection, f"(\n{query.strip().rstrip(';')}\n)")
        schema, name = _located(connection, path, str(table))
    except BaseException:
        connection.close()
        raise
    source = f"{quoted(schema)}.{quoted(name)}"
    return DuckDBRelation(f"{path} table {table}", connection, source, (schema, name), path)


@dataclass(frozen=True)
class DuckDBRelation:
    """A table or a query; see `monitor.source.relation.Relation`."""

    name: str
    connection: duckdb.DuckDBPyConnection
    source: str
    table: tuple[str, str] | None = None
    path: str = ""

    @property
    def hashes(self) -> bool:
        """Rows are hashed outside."""
        return False

    @property
    def database(self) -> str | None:
        """Rows are joined outside."""
        return None

    @cached_property
    def _types(self) -> dict[str, str]:
        """Return DuckDB's type of every column."""
        rows = self._table(f"DESCRIBE SELECT * FROM {self.source}", []).to_pylist()
        return {row["column_name"]: row["column_type"] for row in rows}

    @cached_property
    def _schema(self) -> pa.Schema:
        statement = f"SELECT {self._chosen(list(self._types))} FROM {self.source} LIMIT 0"
        empty = self._table(statement, []).rename_columns(list(self._types))
        return plain_schema(empty.schema)

    def schema(self) -> pa.Schema:
        """Return the columns and their plain Arrow types."""
        return self._schema

    def unique(self, column: str) -> bool:
        """Tell whether a primary key or unique constraint is on this column alone."""
        statement = """
            SELECT count(*) AS n FROM duckdb_constraints() WHERE schema_name = ? AND table_name = ?
            AND constraint_type IN ('PRIMARY KEY', 'UNIQUE') AND constraint_column_names = [?]
        """
        if self.table is None:
            return False
        found = self._table(statement, [*self.table, column])
        return bool(found.column("n")[0].as_py())

    def extent(self, request: Request) -> tuple[object, object] | None:
        """Return the first and last raw time; None for no rows."""
        if request.time is None:
            return None
        rows, values = self._rows(request)
        time = self._chosen([request.time])
        found = self._table(f"SELECT min(t) AS low, max(t) AS high FROM (SELECT {time} AS t {rows})", values)
        low, high = (plain(found.column(name).combine_chunks()) for name in ("low", "high"))
        if not low[0].is_valid:
            return None
        return low[0].as_py(), high[0].as_py()

    def read(self, request: Request) -> Iterator[pa.RecordBatch]:
        """Stream the requested columns."""
        rows, values = self._rows(request)
        names = list(request.columns)
        statement = f"SELECT {self._chosen(names) or 'NULL'} {rows}"
        try:
            cursor = self.connection.cursor()
            for batch in cursor.sql(statement, params=values).to_arrow_reader(batch_rows(len(names))):
                arrays = [plain(column) for column in batch.columns[: len(names)]]
                yield pa.RecordBatch.from_arrays(arrays, names=names) if names else batch.select([])
        except (duckdb.Error, pa.ArrowException) as error:
            raise self._failed(error) from error

    def stamp(self) -> str | None:
        """Return the stamp of the file and of what is written beside it; of a query none: it may read other files."""
        return None if self.table is None else file_stamp(self.path, f"{self.path}.wal")

    def clock(self) -> datetime | None:
        """Return None: a file has no clock."""
        return None

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def _table(self, statement: str, values: list[object]) -> pa.Table:
        try:
            return self.connection.cursor().sql(statement, params=values).to_arrow_table()
        except (duckdb.Error, pa.ArrowException) as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> SourceError:
        missing = isinstance(error, duckdb.CatalogException)
        return SourceError(
            f"{self.name}: {brief(error)}",
            "try the query in DuckDB itself" if self.table is None else "look at the table in DuckDB itself",
            state="missing_table" if missing else "unreadable",
        )

    def _chosen(self, names: list[str]) -> str:
        """Return the columns as SQL; types that Arrow lacks as text, nested ones as JSON."""
        return ", ".join(_expression(quoted(name), self._types[name]) for name in names)

    def _rows(self, request: Request) -> tuple[str, list[object]]:
        """Return FROM and WHERE with bound values."""
        schema = demanded(self._schema, request, self.name)
        rules, values = [], []
        for name, value in request.where.items():
            rule, bound = self._equal(schema.field(name), value)
            rules.append(rule)
            values += bound
        if request.time is not None:
            rule, bound = _within(schema.field(request.time), request)
            rules += [rule] if rule else []
            values += bound
        where = f" WHERE {' AND '.join(rules)}" if rules else ""
        return f"FROM {self.source}{where}", values

    def _equal(self, field: pa.Field, value: object) -> tuple[str, list[object]]:
        column = _expression(quoted(field.name), self._types[field.name])
        if value is None:
            return f"{column} IS NULL", []
        wanted = literal(field, value, self.name)
        left = f"CAST({column} AS VARCHAR)" if wanted.type == pa.string() else column
        return f"{left} = ?", [wanted.as_py()]


def _expression(column: str, kind: str) -> str:
    if _NESTED.match(kind):
        return f"CAST(to_json({column}) AS VARCHAR)"
    return f"CAST({column} AS VARCHAR)" if _ODD.match(kind) else column


def _within(field: pa.Field, request: Request) -> tuple[str, list[object]]:
    """Return the bound on time as SQL; empty when none can be pushed."""
    column, parts, values = quoted(field.name), [], []
    for low, high in spans(field.type, request) or []:
        bounds = [(f"{column} {sign} ?", v) for sign, v in ((">=", low), ("<", high)) if v is not None]
        parts.append("(" + " AND ".join(text for text, _ in bounds) + ")" if bounds else "true")
        values += [value for _, value in bounds]
    return (f"({' OR '.join(parts)})" if parts else ""), values


def _connected(path: str) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(path, read_only=True, config=settings(spill_folder(path)))
    except duckdb.Error as error:
        text = str(error)
        if "Conflicting lock" in text or "different configuration" in text:
            raise SourceError(
                f"{path} is open for writing elsewhere",
                "let the other process close it, or read a copy",
                state="unreachable",
            ) from error
        denied = "Permission denied" in text
        raise SourceError(
            f"cannot open {path}: {brief(error)}",
            "let the user who runs the monitor read it" if denied else "is it a DuckDB file of this version?",
            state="permission_denied" if denied else "unreadable",
        ) from error


def _located(connection: duckdb.DuckDBPyConnection, path: str, table: str) -> tuple[str, str]:
    """Find a table or view by ``name`` or ``schema.name``."""
    rows: list[tuple[str, str]] = connection.execute(
        "SELECT table_schema, table_name FROM information_schema.tables"
        " ORDER BY table_schema <> 'main', table_schema, table_name"
    ).fetchall()
    for schema, name in rows:
        if table in (name, f"{schema}.{name}"):
            return schema, name
    raise missing_table(path, table, [name if s == "main" else f"{s}.{name}" for s, name in rows])
