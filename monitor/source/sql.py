"""Statements over somebody else's tables: identifiers from their own catalogue, values always bound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import quoted_name

from monitor.source.pairing import Pairing
from monitor.source.relation import Identity, Request
from monitor.source.suggest import missing_column
from monitor.source.sums import row_hash, sums, target_hash, tile_of

Column = sa.ColumnElement[Any]
Statement = sa.Select[*tuple[Any, ...]]
Types = Mapping[str, sa.types.TypeEngine[Any]]
Condition = sa.ColumnElement[bool]


@dataclass(frozen=True)
class SqlTable:
    """A table, view or query as its database describes it.

    ``clause`` is what stands after FROM, ``types`` the columns' own types, ``keys`` the columns that a
    key proves unique, ``place`` its name in messages.
    """

    place: str
    clause: sa.FromClause
    types: Types
    keys: frozenset[str] = frozenset()

    def alias(self, name: str) -> SqlTable:
        """Return the table under another name, to join it with itself or others."""
        return SqlTable(self.place, self.clause.alias(name), self.types, self.keys)

    def column(self, name: str) -> Column:
        """Return a column that exists; raise SourceError with the nearest names when it does not."""
        if name not in self.types:
            raise missing_column(self.place, name, self.types)
        return self.clause.c[name]


class Database(Protocol):
    """What one kind of database does in its own way."""

    @property
    def identity(self) -> str:
        """Identify the database; passwords masked."""

    @property
    def hashes(self) -> bool:
        """Tell whether it hashes as PostgreSQL does."""

    def stamp(self) -> str | None:
        """Return a text that is another one whenever something was written; None when that cannot be seen."""

    def clock(self) -> datetime | None:
        """Return the present by the server's clock; None without a server."""

    def describe(self, table: str | None, query: str | None) -> SqlTable:
        """Find a table or take a query, with its columns."""

    def field(self, table: SqlTable, name: str) -> pa.Field:
        """Return the Arrow field of a column."""

    def output(self, table: SqlTable, name: str) -> Column:
        """Return a column as it is selected, cast when Arrow has no such type."""

    def same(self, table: SqlTable, name: str, value: object) -> Condition:
        """Demand that a column equals a bound value."""

    def within(self, table: SqlTable, request: Request) -> Condition:
        """Bound the time column; may let rows outside through, never keeps one inside back."""

    def newest_first(self, table: SqlTable, time: str) -> list[Column]:
        """Return what to order by so that the latest row comes first and unknown times last."""

    def extremes(self, table: SqlTable, request: Request) -> tuple[object, object] | None:
        """Return the first and last raw time; None for no rows."""

    def stream(self, statement: Statement, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """Run a statement and stream its columns under the schema's names, types as they come."""

    def close(self) -> None:
        """Give back what is held open."""


def named_table(name: str, columns: Types, schema: str | None = None) -> sa.TableClause:
    """Build a table whose every identifier is quoted, whatever characters it has."""
    quoted = [sa.column(quoted_name(key, quote=True), kind) for key, kind in columns.items()]
    scope = None if schema is None else quoted_name(schema, quote=True)
    return sa.table(quoted_name(name, quote=True), *quoted, schema=scope)


def subselect(query: str, columns: Types) -> sa.FromClause:
    """Build a FROM clause of the operator's own query, taken literally."""
    text = sa.text(plain_query(query).replace("\\", "\\\\").replace(":", "\\:"))
    quoted = [sa.column(quoted_name(key, quote=True), kind) for key, kind in columns.items()]
    return text.columns(*quoted).subquery("q")


def plain_query(query: str) -> str:
    """Strip what may not stand inside a subselect: the closing semicolon.

    Examples
    --------
    >>> plain_query(" SELECT 1 ; ")
    'SELECT 1'
    """
    return query.strip().rstrip(";").rstrip()


def conditions(database: Database, table: SqlTable, request: Request) -> list[Condition]:
    """Return what ``request`` demands of the rows of ``table``."""
    demands = [database.same(table, name, value) for name, value in request.where.items()]
    if request.time is not None and (request.start is not None or request.end is not None):
        demands.append(database.within(table, request))
    return demands


def outputs(database: Database, table: SqlTable, names: tuple[str, ...], prefix: str = "c") -> list[Column]:
    """Return the columns to select, labelled by position so that no name can clash."""
    for name in names:
        table.column(name)
    return [database.output(table, name).label(f"{prefix}{at}") for at, name in enumerate(names)]


def select_rows(database: Database, table: SqlTable, request: Request) -> Statement:
    """Build the statement that reads one relation."""
    chosen = outputs(database, table, request.columns)
    if request.identity is not None:
        chosen += [each.label(f"h{at}") for at, each in enumerate(_hashes(database, table, request.identity, None))]
    chosen = chosen or [sa.literal_column("1").label("c0")]
    return sa.select(*chosen).select_from(table.clause).where(*conditions(database, table, request))


def select_joined(database: Database, rows: SqlTable, request: Request, truth: SqlTable, pairing: Pairing) -> Statement:
    """Build the statement that reads predictions, each with the latest ground truth of its key."""
    rows = rows.alias("p")
    clause, found = _joined(database, rows, request, truth, pairing)
    chosen = [*outputs(database, rows, request.columns), *found]
    if request.identity is not None:
        target = found[0], database.field(truth, pairing.truth.columns[0]).type
        hashed = _hashes(database, rows, request.identity, target)
        chosen += [each.label(f"h{at}") for at, each in enumerate(hashed)]
    return sa.select(*chosen).select_from(clause).where(*conditions(database, rows, request))


def select_sums(
    database: Database, rows: SqlTable, request: Request, bounds: Sequence[datetime],
    truth: SqlTable | None, pairing: Pairing | None,
) -> Statement | None:  # fmt: skip
    """Build the one statement that counts and hashes the rows of every tile; None when the database cannot tell tiles.

    Its columns are those of `monitor.source.sums.sums`. ``request`` spans the tiles and has an identity.
    """
    rows, name = rows.alias("p"), str(request.time)
    place = f"column {name!r} of {rows.place}"
    tile = tile_of(rows.column(name), rows.types[name], bounds, request.timezone, place)
    if tile is None:
        return None
    clause, target = rows.clause, None
    if truth is not None and pairing is not None:
        clause, found = _joined(database, rows, request, truth, pairing)
        target = found[0], database.field(truth, pairing.truth.columns[0]).type
    hashed = _hashes(database, rows, request.identity or Identity(), target)
    chosen = sums(tile, *hashed)
    demands = conditions(database, rows, request)
    return sa.select(*chosen).select_from(clause).where(*demands).group_by(sa.literal_column("1"))


def _hashes(
    database: Database, rows: SqlTable, identity: Identity, target: tuple[Column, pa.DataType] | None
) -> tuple[Column, Column]:
    """Return the hash of each row and of each row with its target, which may stand in the rows themselves."""
    row = row_hash([rows.column(name) for name in identity.keys])
    if target is None and identity.target is not None:
        target = database.output(rows, identity.target), database.field(rows, identity.target).type
    return row, target_hash(row, *(target or (None, None)))


def _joined(
    database: Database, rows: SqlTable, request: Request, truth: SqlTable, pairing: Pairing
) -> tuple[sa.FromClause, list[Column]]:
    """Join predictions with the latest ground truth of their keys; return what to select of the latter, too."""
    if len(pairing.keys) == 1 and pairing.keys[0][1] in truth.keys:
        truth = truth.alias("g")
        match = [_equal(rows, left, truth, right) for left, right in pairing.keys]
        match += conditions(database, truth, pairing.truth)
        side, found = truth.clause, outputs(database, truth, pairing.wanted, "t")
    else:
        side = _latest(database, rows, request, truth, pairing)
        match = [
            _text_if(_differ(rows, left, truth, right), rows.column(left)) == side.c[f"k{at}"]
            for at, (left, right) in enumerate(pairing.keys)
        ]
        match += [side.c.place == sa.literal_column("1")] if "place" in side.c else []
        found = [side.c[f"t{at}"] for at in range(len(pairing.wanted))]
    return rows.clause.outerjoin(side, sa.and_(*match)), found


def select_orphans(
    database: Database, rows: SqlTable, request: Request, truth: SqlTable, pairing: Pairing
) -> Statement:
    """Build the statement that reads the ground truth whose key no prediction has."""
    rows, truth = rows.alias("p"), truth.alias("g")
    match = [_equal(rows, left, truth, right) for left, right in pairing.keys]
    match += conditions(database, rows, Request(columns=(), where=request.where))
    alone = rows.column(pairing.keys[0][0]).is_(None)
    return (
        sa.select(*outputs(database, truth, pairing.wanted, "t"))
        .select_from(truth.clause.outerjoin(rows.clause, sa.and_(*match)))
        .where(alone, *conditions(database, truth, pairing.truth))
    )


def _latest(database: Database, rows: SqlTable, request: Request, truth: SqlTable, pairing: Pairing) -> sa.FromClause:
    """Give the ground truth of each key of the window: the row that counts, or all with a place, where 1 counts."""
    asked, truth = rows.alias("w"), truth.alias("u")
    differ = [_differ(asked, left, truth, right) for left, right in pairing.keys]
    here = [_text_if(d, asked.column(k[0])) for d, k in zip(differ, pairing.keys, strict=True)]
    there = [_text_if(d, truth.column(k[1])) for d, k in zip(differ, pairing.keys, strict=True)]
    window = sa.select(*here).where(*conditions(database, asked, request))
    member = there[0].in_(window) if len(there) == 1 else sa.tuple_(*there).in_(window)
    target = database.output(truth, pairing.truth.columns[0])
    time = pairing.truth.time
    order = [] if time is None else database.newest_first(truth, time)
    order += [sa.case((target.is_(None), sa.literal_column("1")), else_=sa.literal_column("0")), target.desc()]
    found = [key.label(f"k{at}") for at, key in enumerate(there)] + outputs(database, truth, pairing.wanted, "t")
    demands = [member, *conditions(database, truth, pairing.truth)]
    if database.hashes:  # PostgreSQL's own way takes a quarter less time
        chosen = sa.select(*found).ext(postgresql.distinct_on(*there))
        return chosen.where(*demands).order_by(*there, *order).subquery("g")
    place = sa.func.row_number().over(partition_by=there, order_by=order).label("place")
    return sa.select(*found, place).where(*demands).subquery("g")


def _equal(rows: SqlTable, left: str, truth: SqlTable, right: str) -> Condition:
    """Compare two ids, as text when one is text and the other a number."""
    differ = _differ(rows, left, truth, right)
    return _text_if(differ, rows.column(left)) == _text_if(differ, truth.column(right))


def _differ(rows: SqlTable, left: str, truth: SqlTable, right: str) -> bool:
    """Tell whether two ids are of different families, so that only their texts compare."""
    rows.column(left), truth.column(right)
    return _family(rows.types[left]) != _family(truth.types[right])


def _text_if(differ: bool, column: Column) -> Column:
    """Cast an id to text when it must be."""
    return sa.cast(column, sa.Text) if differ else column


def _family(kind: sa.types.TypeEngine[Any]) -> type:
    """Group the types whose values compare without a cast."""
    if isinstance(kind, sa.Integer | sa.Numeric | sa.Float):
        return sa.Numeric
    return sa.String if isinstance(kind, sa.String) else type(kind)
