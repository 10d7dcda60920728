"""Logs in PostgreSQL: read by ADBC straight into Arrow, streamed, inside read-only transactions.

Streaming needs ``COPY``, and ``COPY`` takes no parameters. Text is bound all the same: each is bound to
a session setting of our own, and the statement compares with ``current_setting``, which the planner
evaluates like a constant, so that indexes serve. Instants and numbers are written out: a setting would be
read anew for every row, which takes longer than reading the row.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import make_url
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import BindParameter

from monitor.config.mask import mask
from monitor.config.source import CsvConfig
from monitor.source import postgres_types, typed_times
from monitor.source.ahead import ahead
from monitor.source.catalogue import describe
from monitor.source.failures import explain
from monitor.source.relation import Request
from monitor.source.same import same
from monitor.source.sql import Condition, SqlTable, Statement
from monitor.source.sql_relation import SqlRelation

SCHEMES = ("postgresql", "postgres", "postgresql+adbc")

CONNECT_SECONDS = 10
STATEMENT_SECONDS = 300  # unless the server, the role or the URL says otherwise
BATCH_BYTES = 16_000_000  # held three times at most: one counted, one waiting, one being fetched
# this style leaves percent signs as they are
_DIALECT = postgresql.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
_SESSION = (
    "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "SET default_transaction_read_only = on",
    "SET timezone = 'UTC'",
    "SET datestyle = 'ISO'",
    "SET extra_float_digits = 1",
    "SET bytea_output = 'hex'",
)
_TIMEOUT = "SELECT set_config('statement_timeout', $1, false) WHERE current_setting('statement_timeout') = '0'"


def open_relation(
    url: str, *, table: str | None, query: str | None, csv: CsvConfig | None, folder: Path
) -> SqlRelation:
    """Open a table, view or query of a PostgreSQL database."""
    del csv, folder
    engine = PostgresDatabase(url)
    return SqlRelation(engine, engine.describe(table, query))


@dataclass(frozen=True)
class PostgresDatabase:
    """A PostgreSQL database, connected to anew for every statement; see `monitor.source.sql.Database`."""

    url: str

    def __repr__(self) -> str:
        """Show the URL with its password masked."""
        return f"PostgresDatabase({self.identity!r})"

    @property
    def identity(self) -> str:
        """Identify the database and who reads it."""
        return mask(make_url(self.url).set(drivername="postgresql").render_as_string(hide_password=False))

    @property
    def hashes(self) -> bool:
        """It does."""
        return True

    def stamp(self) -> str | None:
        """Return None: whether something was written is not to be seen from outside."""
        return None

    def clock(self) -> datetime | None:
        """Return the present by the server's clock."""
        now = sa.select(sa.func.clock_timestamp().label("c0"))
        found = next(self.stream(now, pa.schema([("c0", pa.timestamp("us", "UTC"))])))
        moment: datetime = found.column(0).cast(pa.timestamp("us", "UTC"))[0].as_py()
        return moment.astimezone(UTC)

    def describe(self, table: str | None, query: str | None) -> SqlTable:
        """Find a table or view, or take a query, with its columns."""
        url = make_url(self.url).set(drivername="postgresql+psycopg")
        own = url.query.get("options", "")  # comes last, so it wins
        options = f"-c statement_timeout={STATEMENT_SECONDS}s -c default_transaction_read_only=on {own}".rstrip()
        engine = sa.create_engine(
            url, poolclass=sa.NullPool, connect_args={"connect_timeout": CONNECT_SECONDS, "options": options}
        )
        with self._explained():
            return describe(engine, self.identity, table, query)

    def field(self, table: SqlTable, name: str) -> pa.Field:
        """Return a column with the Arrow type it is read as."""
        return pa.field(name, postgres_types.arrow_type(table.types[name]))

    def output(self, table: SqlTable, name: str) -> sa.ColumnElement[Any]:
        """Return the column, cast where Arrow has no such type."""
        return postgres_types.output(table.clause.c[name], table.types[name])

    def same(self, table: SqlTable, name: str, value: object) -> Condition:
        """Demand that a column equals a bound value."""
        return same(table, name, value)

    def within(self, table: SqlTable, request: Request) -> Condition:
        """Bound the time column by a range of its own type."""
        name = str(request.time)
        return typed_times.within(table.column(name), table.types[name], request)

    def newest_first(self, table: SqlTable, time: str) -> list[sa.ColumnElement[Any]]:
        """Order by time, unknown times last."""
        return [table.column(time).desc().nulls_last()]

    def extremes(self, table: SqlTable, request: Request) -> tuple[object, object] | None:
        """Return the first and last time."""
        name = str(request.time)
        column, kind = table.column(name), table.types[name]
        where = [self.same(table, each, value) for each, value in request.where.items()]
        if isinstance(kind, sa.DateTime | sa.Date):
            where.append(sa.func.isfinite(column))
        return typed_times.extremes(self.stream, column, table, request, where)

    def stream(self, statement: Statement, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """Run a statement in a session of its own and stream what it gives."""
        from adbc_driver_postgresql import dbapi  # noqa: PLC0415  slow to load

        text, values = _bound(statement)
        with (
            self._explained(),
            dbapi.connect(self._address(), autocommit=True) as session,
            session.cursor() as cursor,
        ):
            for setting in _SESSION:
                cursor.execute(setting)
            cursor.execute(_TIMEOUT, (f"{STATEMENT_SECONDS}s",))
            for name, value in values.items():
                cursor.execute("SELECT set_config($1, $2, false)", (name, value))
            cursor.adbc_statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": str(BATCH_BYTES)})
            cursor.execute(text)
            with cursor.fetch_record_batch() as reader:
                for batch in ahead(reader, partial(_cancel, cursor)):
                    if batch.num_rows:
                        yield pa.RecordBatch.from_arrays(batch.columns, names=schema.names)

    def close(self) -> None:
        """Nothing is held open between statements."""

    def _address(self) -> str:
        """Return the URL as libpq wants it, with a limit to waiting."""
        url = make_url(self.url).set(drivername="postgresql")
        if "connect_timeout" not in url.query:
            url = url.update_query_dict({"connect_timeout": str(CONNECT_SECONDS)})
        before, sign, query = url.render_as_string(hide_password=False).partition("?")
        return before + sign + query.replace("+", "%20")  # libpq takes a plus for a plus

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Translate what the drivers raise."""
        from adbc_driver_manager import dbapi  # noqa: PLC0415

        try:
            yield
        except (dbapi.Error, sa.exc.DBAPIError, pa.ArrowException, OSError) as error:
            raise explain(error, self.identity, self.url) from None


def _cancel(cursor: Any) -> None:
    """End what the server is still doing for us; when it has ended, that is well too."""
    from adbc_driver_manager import dbapi  # noqa: PLC0415

    with suppress(dbapi.Error):
        cursor.adbc_cancel()


def _bound(statement: Statement) -> tuple[str, dict[str, str]]:
    """Replace every bound text by a session setting that holds it, and all else by constants."""
    values: dict[str, str] = {}

    def setting(element: Any, **_: object) -> Any:
        if not isinstance(element, BindParameter):
            return None
        value = element.effective_value
        if isinstance(value, bool | int | float | date | list):  # their text has no quote in it
            return sa.cast(sa.literal_column(f"'{_text(value)}'"), element.type)
        name = f"monitor.value_{len(values)}"
        values[name] = _text(value)
        held = sa.func.current_setting(sa.literal_column(f"'{name}'"))
        return sa.cast(held, element.type)

    replaced: Any = visitors.replacement_traverse(statement, {}, setting)
    compiled = replaced.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    return str(compiled), values


def _text(value: object) -> str:
    """Write a value as PostgreSQL reads it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"{{{','.join(map(_text, value))}}}"
    isoformat = getattr(value, "isoformat", None)
    return str(isoformat()) if isoformat else str(value)
