"""Any other database that SQLAlchemy speaks to: rows are streamed and turned into Arrow here.

Slower than the databases with a file of their own; the driver must be installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from monitor.config.mask import mask
from monitor.config.source import CsvConfig
from monitor.errors import SourceError
from monitor.source import postgres_types, typed_times
from monitor.source.catalogue import describe
from monitor.source.failures import explain
from monitor.source.relation import Request
from monitor.source.rows import batch_rows, batches
from monitor.source.same import same
from monitor.source.sql import Condition, SqlTable, Statement
from monitor.source.sql_relation import SqlRelation

SCHEMES = ("*",)

CONNECT_SECONDS = 10
_WAITS = ("psycopg", "psycopg2", "pymysql", "mysqldb", "mariadbconnector", "asyncpg")
_READ_ONLY = {
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
}


def open_relation(
    url: str, *, table: str | None, query: str | None, csv: CsvConfig | None, folder: Path
) -> SqlRelation:
    """Open a table, view or query of a database that SQLAlchemy knows."""
    del csv, folder
    address = make_url(url)
    waits = address.get_driver_name() in _WAITS
    try:
        engine = sa.create_engine(
            address,
            poolclass=sa.NullPool,
            connect_args={"connect_timeout": CONNECT_SECONDS} if waits else {},
        )
    except ImportError as error:
        raise SourceError(
            f"the driver for {mask(url)} is not installed: {error}",
            f"install the Python package {address.get_driver_name()!r}",
            state="unreachable",
        ) from error
    database = GenericDatabase(url, engine)
    return SqlRelation(database, database.describe(table, query))


@dataclass(frozen=True)
class GenericDatabase:
    """A database behind SQLAlchemy; see `monitor.source.sql.Database`."""

    url: str
    engine: sa.Engine

    def __repr__(self) -> str:
        """Show the URL with its password masked."""
        return f"GenericDatabase({self.identity!r})"

    @property
    def identity(self) -> str:
        """Identify the database and who reads it."""
        return mask(self.url)

    @property
    def hashes(self) -> bool:
        """Where the dialect is PostgreSQL's."""
        return self.engine.dialect.name == "postgresql"

    def stamp(self) -> str | None:
        """Return None: whether something was written is not to be seen from outside."""
        return None

    def clock(self) -> datetime | None:
        """Return the present by the server's clock where the dialect is known to give an instant."""
        if self.engine.dialect.name != "postgresql":
            return None
        with self._explained(), self.engine.connect() as connection:
            moment: datetime = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        return moment.astimezone(UTC)

    def describe(self, table: str | None, query: str | None) -> SqlTable:
        """Find a table or view, or take a query, with its columns."""
        with self._explained():
            return describe(self.engine, self.identity, table, query)

    def field(self, table: SqlTable, name: str) -> pa.Field:
        """Return a column with the Arrow type that its declaration promises."""
        return pa.field(name, postgres_types.arrow_type(table.types[name]))

    def output(self, table: SqlTable, name: str) -> sa.ColumnElement[Any]:
        """Return the column; where the dialect is PostgreSQL's, as the reader of that one does."""
        column, kind = table.clause.c[name], table.types[name]
        if self.engine.dialect.name != "postgresql":
            return column
        if isinstance(kind, sa.DateTime | sa.Date):  # Python has no infinite date
            return sa.case((sa.func.isfinite(column), column))
        return postgres_types.output(column, kind)

    def same(self, table: SqlTable, name: str, value: object) -> Condition:
        """Demand that a column equals a bound value."""
        return same(table, name, value)

    def within(self, table: SqlTable, request: Request) -> Condition:
        """Bound the time column by a range of its own type."""
        name = str(request.time)
        return typed_times.within(table.column(name), table.types[name], request)

    def newest_first(self, table: SqlTable, time: str) -> list[sa.ColumnElement[Any]]:
        """Order by time, unknown times last."""
        column = table.column(time)
        unknown = sa.case((column.is_(None), sa.literal_column("1")), else_=sa.literal_column("0"))
        return [unknown, column.desc()]

    def extremes(self, table: SqlTable, request: Request) -> tuple[object, object] | None:
        """Return the first and last time."""
        name = str(request.time)
        column, kind = table.column(name), table.types[name]
        where = [self.same(table, each, value) for each, value in request.where.items()]
        if self.engine.dialect.name == "postgresql" and isinstance(kind, sa.DateTime | sa.Date):
            where.append(sa.func.isfinite(column))
        return typed_times.extremes(self.stream, column, table, request, where)

    def stream(self, statement: Statement, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """Run a statement with a cursor on the server's side and stream what it gives."""
        options: dict[str, Any] = {"stream_results": True, "yield_per": batch_rows(len(schema))}
        name = self.engine.dialect.name
        if name == "postgresql":
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._explained(), self.engine.connect() as connection:
            if name in _READ_ONLY:
                connection.exec_driver_sql(_READ_ONLY[name])
            with connection.execution_options(**options).execute(statement) as result:
                yield from batches(result, schema)

    def close(self) -> None:
        """Close what the pool holds."""
        self.engine.dispose()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Translate what the driver raises."""
        try:
            yield
        except sa.exc.SQLAlchemyError as error:
            raise explain(error, self.identity, self.url) from None
