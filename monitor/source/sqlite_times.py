"""How SQLite's untyped time columns are bounded: in the very forms that stand in them.

Text compares by its characters, so ``'… 00:00:00' >= '…T00:00:00'`` is false and so is
``'…00:00:00' >= '…00:00:00.000000'``. Bounds are therefore the shortest text that sorts before every
spelling of the second; rows that are spelled in another way than the newest come along when they are
within two days, and the exact filter afterwards decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from monitor.source.bounds import DAY, ceil_second, epoch_ranges, local_bound, text_bound
from monitor.source.iso import parse_iso
from monitor.source.relation import Request
from monitor.source.rows import batch_rows, to_array
from monitor.source.sql import Condition, SqlTable, Statement
from monitor.source.times import to_utc

Column = sa.ColumnElement[Any]
Rows = Callable[[Statement], Iterator[tuple[Any, ...]]]
Same = Callable[[SqlTable, str, object], Condition]
_DATE = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"


@dataclass(frozen=True)
class Ends:
    """The first and last values of a time column, by SQLite's order: numbers before text.

    ``first`` and ``last`` text are None when there is none; ``numbers`` tells whether there are any.
    """

    numbers: bool
    first: str | None
    last: str | None

    @property
    def numeric_text(self) -> bool:
        """Tell whether text that is a number stands at an end."""
        both = [text for text in (self.first, self.last) if text is not None]
        parts = parse_iso(pa.array(both, pa.string()))
        return bool(pc.or_(parts.whole.is_valid(), parts.decimal.is_valid()).to_pylist().count(True))


def ends(rows: Rows, table: SqlTable, time: str) -> Ends:
    """Look at both ends of a time column; with an index, three steps in it."""
    column = table.column(time)
    empty, blob = sa.literal(""), sa.literal(b"")

    def one(what: Column, *where: Condition) -> Any:
        return next(rows(sa.select(what).select_from(table.clause).where(*where)))[0]

    number = one(sa.func.min(column), column < empty)
    first = one(sa.func.min(column), column >= empty, column < blob)
    last = one(sa.func.max(column), column >= empty, column < blob)
    return Ends(number is not None, _text(first), _text(last))


def within(column: Column, found: Ends, request: Request) -> Condition:
    """Bound a column by every form that its ends show."""
    parts: list[Condition] = []
    ranges = epoch_ranges(request.start, request.end)
    if found.numbers:
        parts += [_between(column, low, high) for low, high in ranges]
    if found.numeric_text:
        number = sa.cast(column, sa.Numeric)
        parts += [_between(number, low, high) for low, high in ranges]
    if found.last is not None:
        parts.append(_text_within(column, found.last, request))
    return sa.or_(sa.false(), *parts)


def instant(column: Column) -> Column:
    """Return the seconds since the epoch of a value, for ordering; null when it is no time."""
    size = sa.func.abs(column)
    number = sa.case(
        (size < 10**11, column * 1.0),
        (size < 10**14, column / 1e3),
        (size < 10**17, column / 1e6),
        else_=column / 1e9,
    )
    text = sa.case(
        (column.op("GLOB")(_DATE + "*"), (sa.func.julianday(column) - 2440587.5) * 86400.0),
        else_=sa.cast(column, sa.Float),
    )
    kind = sa.func.typeof(column)
    return sa.case((kind.in_(["integer", "real"]), number), (kind == "text", text), else_=sa.null())


def extremes(rows: Rows, table: SqlTable, request: Request, same: Same) -> tuple[datetime, datetime] | None:
    """Return the first and last instant of a column, whatever its forms, as aware datetimes."""
    column = table.column(str(request.time))
    where = [same(table, name, value) for name, value in request.where.items()]
    found = ends(rows, table, str(request.time))
    narrow = where
    if not found.numbers and _is_date(found.first) and _is_date(found.last):
        narrow = [*where, _near_ends(rows, table, column, where)]
    first: datetime | None = None
    last: datetime | None = None
    for moments in _moments(rows, sa.select(column).select_from(table.clause).where(*narrow), table, request):
        span = pc.min_max(moments)
        if span["min"].is_valid:
            low, high = (span[end].as_py() for end in ("min", "max"))
            first = low if first is None else min(first, low)
            last = high if last is None else max(last, high)
    return None if first is None or last is None else (_aware(first), _aware(last))


def _near_ends(rows: Rows, table: SqlTable, column: Column, where: list[Condition]) -> Condition:
    """Choose the rows within two days of the first and last text: the true ends are among them."""

    def one(what: Column) -> str | None:
        return _text(next(rows(sa.select(what).select_from(table.clause).where(*where)))[0])

    first, last = one(sa.func.min(column)), one(sa.func.max(column))
    try:
        low = datetime.fromisoformat(str(first)[:10]) + 3 * DAY
        high = datetime.fromisoformat(str(last)[:10]) - 2 * DAY
    except (ValueError, OverflowError):
        return sa.true()
    return sa.or_(column < low.date().isoformat(), column >= high.date().isoformat())


def _moments(rows: Rows, statement: Statement, table: SqlTable, request: Request) -> Iterator[pa.Array]:
    """Stream one column of times as instants."""
    values: list[Any] = []
    place = f"column {request.time!r} of {table.place}"
    for (value,) in rows(statement):
        values.append(value)
        if len(values) == batch_rows(1):
            yield to_utc(to_array(values, pa.string()), request.timezone, place)
            values = []
    yield to_utc(to_array(values, pa.string()), request.timezone, place)


def _text_within(column: Column, sample: str, request: Request) -> Condition:
    """Bound ISO text: exactly where it is spelled like the sample, else to a day more."""
    wide, tight = [], []
    start, end = request.start, request.end
    separator = "T" if sample[10:11] == "T" else " "
    clock, spelled = _spelling(sample, request.timezone)
    if start is not None:
        wide.append(column >= _day(start, -1))
        wall = _wall(start.replace(microsecond=0), clock, -1)
        tight.append(column >= text_bound(wall, separator) if wall else sa.true())
    if end is not None:
        wide.append(column < _day(end, 2))
        wall = _wall(ceil_second(end), clock, 1)
        tight.append(column < text_bound(wall, separator) if wall else sa.true())
    like = sa.and_(column.op("GLOB")(f"{_DATE}{separator}*"), *spelled(column))
    return sa.and_(*wide, sa.or_(sa.and_(*tight), sa.not_(like)))


def _spelling(sample: str, zone: str | None) -> tuple[str | timezone | None, Callable[[Column], list[Condition]]]:
    """Return whose clock a text shows, and the condition that other text shows the same."""
    parts = parse_iso(pa.array([sample]))
    offset = parts.offset[0].as_py()
    if offset is None:
        rest = [f"*{mark}*" for mark in ("Z", "z", "+", "U")]
        return zone, lambda column: [
            *(sa.not_(column.op("GLOB")(each)) for each in rest),
            sa.not_(sa.func.substr(column, 11).op("GLOB")("*-*")),
        ]
    suffix = sample[-1:] if sample[-1:] in "Zz" else sample[19:].lstrip(".,0123456789 ")
    return timezone(offset), lambda column: [column.op("GLOB")(f"*{suffix}")]


def _wall(moment: datetime, clock: str | timezone | None, days: int) -> datetime | None:
    """Return an instant on a clock's wall."""
    if isinstance(clock, timezone):
        return moment.astimezone(clock).replace(tzinfo=None)
    return local_bound(moment, clock, days)


def _day(moment: datetime, days: int) -> str:
    """Return the date some days off, as text that sorts before all times of that day."""
    try:
        return (moment.astimezone(UTC) + timedelta(days=days)).date().isoformat()
    except OverflowError:
        return "" if days < 0 else ":"


def _between(column: Column, low: int, high: int) -> Condition:
    return sa.and_(column >= sa.literal(low), column < sa.literal(high))


def _is_date(text: str | None) -> bool:
    """Tell whether text is an ISO time."""
    return text is not None and bool(parse_iso(pa.array([text])).clock[0].is_valid)


def _text(value: object) -> str | None:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else None


def _aware(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
