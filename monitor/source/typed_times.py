"""Bounds on time columns of databases that know types."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from monitor.source.bounds import epoch_ranges, local_bound
from monitor.source.relation import Request
from monitor.source.sql import Condition, SqlTable, Statement
from monitor.source.times import EPOCH_LIMITS, to_utc

Column = sa.ColumnElement[Any]
Stream = Callable[[Statement, pa.Schema], Iterator[pa.RecordBatch]]
_LARGEST = 2**63 - 1


def within(column: Column, kind: sa.types.TypeEngine[Any], request: Request) -> Condition:
    """Bound a column by a range of its own type, so that its index serves; text is not bounded."""
    start, end, zone = request.start, request.end, request.timezone
    if isinstance(kind, sa.Date) and not isinstance(kind, sa.DateTime):
        first, last = local_bound(start, zone, -1), local_bound(end, zone, 1)
        lower = None if first is None else (first + timedelta(days=1, microseconds=-1)).date()
        upper = None if last is None else (last + timedelta(days=1, microseconds=-1)).date()
        return _between(column, lower, upper, sa.Date())
    if isinstance(kind, sa.DateTime):
        if kind.timezone:
            return _between(column, start, end, sa.DateTime(timezone=True))
        return _between(column, local_bound(start, zone, -1), local_bound(end, zone, 1), sa.DateTime())
    if isinstance(kind, sa.Integer | sa.Numeric | sa.Float):
        own: sa.types.TypeEngine[Any]
        own = sa.BigInteger() if isinstance(kind, sa.Integer) else sa.Double()
        ranges = [_between(column, *ends, own) for ends in epoch_ranges(start, end)]
        return sa.or_(sa.false(), *ranges)
    return sa.true()


def extremes(
    stream: Stream, column: Column, table: SqlTable, request: Request, where: list[Condition]
) -> tuple[object, object] | None:
    """Return the first and last time of a column: by its index, or by reading it when it is text."""
    kind, place = table.types[str(request.time)], f"column {request.time!r} of {table.place}"
    if isinstance(kind, sa.DateTime | sa.Date | sa.Integer | sa.Numeric | sa.Float):
        exact = isinstance(kind, sa.Numeric | sa.Float)
        found: list[Column] = [sa.func.min(column), sa.func.max(column)]
        ends = sa.select(*(sa.cast(each, sa.Double) if exact else each for each in found))
        statement = ends.select_from(table.clause).where(*where, *_finite(column, kind))
        for batch in stream(statement, pa.schema([("c0", pa.null()), ("c1", pa.null())])):
            low, high = batch.column(0), batch.column(1)
            if _one_unit(low, high):
                moments = [to_utc(each, request.timezone, place)[0].as_py() for each in (low, high)]
                if low[0].is_valid and None in moments:  # beyond the calendar, as 4713 BC: what lies between may not be
                    break
                return None if None in moments else (moments[0], moments[1])
    return _read_through(stream, sa.select(column.label("c0")).select_from(table.clause).where(*where), request, place)


def _read_through(stream: Stream, statement: Statement, request: Request, place: str) -> tuple[object, object] | None:
    """Find the ends by reading the whole column."""
    ends: list[datetime] = []
    for batch in stream(statement, pa.schema([("c0", pa.null())])):
        span = pc.min_max(to_utc(batch.column(0), request.timezone, place))
        ends += [span[end].as_py() for end in ("min", "max") if span[end].is_valid]
        ends = [min(ends), max(ends)] if ends else []
    return (ends[0].astimezone(UTC), ends[1].astimezone(UTC)) if ends else None


def _one_unit(low: pa.Array, high: pa.Array) -> bool:
    """Tell whether two numbers count the same unit since the epoch; other types always do."""
    if not (pa.types.is_integer(low.type) or pa.types.is_floating(low.type)):
        return True
    if not low[0].is_valid:
        return True
    sizes = [abs(each[0].as_py()) for each in (low, high)]
    return len({sum(size >= limit for limit, _ in EPOCH_LIMITS) for size in sizes}) == 1


def _finite(column: Column, kind: sa.types.TypeEngine[Any]) -> list[Condition]:
    """Leave out NaN and numbers beyond any time."""
    if isinstance(kind, sa.Numeric | sa.Float):
        return [_between(column, float(-_LARGEST), float(_LARGEST), sa.Double())]
    return []


def _between(column: Column, low: object, high: object, kind: sa.types.TypeEngine[Any]) -> Condition:
    """Bind a half-open range."""
    parts: list[Condition] = []
    if low is not None:
        parts.append(column >= sa.literal(low, kind))
    if high is not None:
        parts.append(column < sa.literal(high, kind))
    return sa.and_(sa.true(), *parts)
