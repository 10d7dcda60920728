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
_FARTHEST = timedelta(hours=15)  # farther from UTC is no zone
_DATE = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"


@dataclass(frozen=True)
class Ends:
    """The first and last values of a time column, by SQLite's order: numbers before text.

    ``first`` and ``last`` text are None when there is none; ``numbers`` tells whether there are any,
    ``uniform`` whether all text is proven to be spelled like the last, ``looked`` whether proof was sought.
    """

    numbers: bool
    first: str | None
    last: str | None
    uniform: bool = False
    looked: bool = False

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
        parts.append(_text_within(column, found, request))
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
    everything = sa.select(column).select_from(table.clause).where(*where)
    found = ends(rows, table, str(request.time))
    if not found.numbers and _is_date(found.first) and _is_date(found.last):
        near = _near_ends(rows, table, column, where)
        spans = [_span(rows, everything.where(end), table, request) for end in near]
        if all(spans):
            known = [moment for span in spans if span for moment in span]
            return min(known), max(known)
    return _span(rows, everything, table, request)


def _span(rows: Rows, statement: Statement, table: SqlTable, request: Request) -> tuple[datetime, datetime] | None:
    """Return the first and last instant of what a statement gives; None when it gives no instant."""
    known: list[datetime] = []
    for moments in _moments(rows, statement, table, request):
        span = pc.min_max(moments)
        known += [_aware(span[end].as_py()) for end in ("min", "max") if span[end].is_valid]
        known = [min(known), max(known)] if known else []
    return (known[0], known[1]) if known else None


def _near_ends(rows: Rows, table: SqlTable, column: Column, where: list[Condition]) -> list[Condition]:
    """Choose the rows within two days of the first text, and of the last: the true ends are among them.

    Unless the text is no instant, as that of year 1: where an end has none, all rows must be looked at.
    """

    def one(what: Column) -> str | None:
        return _text(next(rows(sa.select(what).select_from(table.clause).where(*where)))[0])

    first, last = one(sa.func.min(column)), one(sa.func.max(column))
    try:
        low = datetime.fromisoformat(str(first)[:10]) + 3 * DAY
        high = datetime.fromisoformat(str(last)[:10]) - 2 * DAY
    except (ValueError, OverflowError):
        return [sa.true()]
    return [column < low.date().isoformat(), column >= high.date().isoformat()]


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


def uniform(rows: Rows, table: SqlTable, time: str, found: Ends) -> bool:
    """Prove, by looking at all of them, that every text is spelled like the newest."""
    column = table.column(time)
    text = sa.func.typeof(column) == "text"
    odd: Statement = sa.select(sa.literal_column("1")).select_from(table.clause)
    like = _spelled_like(column, str(found.last))
    return next(rows(odd.where(text, sa.not_(like)).limit(1)), None) is None


def _text_within(column: Column, found: Ends, request: Request) -> Condition:
    """Bound ISO text: exactly where it is spelled like the newest, else to a day more."""
    wide, tight = [], []
    start, end, sample = request.start, request.end, str(found.last)
    separator, clock = _separator(sample), _clock(sample, request.timezone)
    if start is not None:
        wide.append(column >= _day(start, -_FARTHEST))
        wall = _wall(start.replace(microsecond=0), clock, -1)
        tight.append(column >= text_bound(wall, separator) if wall else sa.true())
    if end is not None:
        wide.append(column < _day(end, _FARTHEST + DAY))
        wall = _wall(ceil_second(end), clock, 1)
        tight.append(column < text_bound(wall, separator) if wall else sa.true())
    if found.uniform:
        return sa.and_(*tight)
    return sa.and_(*wide, sa.or_(sa.and_(*tight), sa.not_(_spelled_like(column, sample))))


def _separator(sample: str) -> str:
    """Return what stands between date and clock."""
    return "T" if sample[10:11] == "T" else " "


def _clock(sample: str, zone: str | None) -> str | timezone | None:
    """Return whose clock a text shows: the source's zone, or that of its own offset."""
    offset = parse_iso(pa.array([sample])).offset[0].as_py()
    return zone if offset is None else timezone(offset)


def _spelled_like(column: Column, sample: str) -> Condition:
    """Demand the separator of a sample, and its offset or, when it has none, none."""
    date = column.op("GLOB")(f"{_DATE}{_separator(sample)}*")
    if _clock(sample, None) is None:
        return sa.and_(date, sa.not_(sa.func.substr(column, 11).op("GLOB")("*[-+UZz]*")))
    suffix = sample[-1:] if sample[-1:] in "Zz" else sample[19:].lstrip(".,0123456789 ")
    return sa.and_(date, column.op("GLOB")(f"*{suffix}"))


def _wall(moment: datetime, clock: str | timezone | None, days: int) -> datetime | None:
    """Return an instant on a clock's wall."""
    if isinstance(clock, timezone):
        return moment.astimezone(clock).replace(tzinfo=None)
    return local_bound(moment, clock, days)


def _day(moment: datetime, step: timedelta) -> str:
    """Return the date some time off, as text that sorts before all times of that day."""
    try:
        return (moment.astimezone(UTC) + step).date().isoformat()
    except OverflowError:
        return "" if step < timedelta() else ":"


def _between(column: Column, low: int, high: int) -> Condition:
    return sa.and_(column >= sa.literal(low), column < sa.literal(high))


def _is_date(text: str | None) -> bool:
    """Tell whether text is an ISO time."""
    return text is not None and bool(parse_iso(pa.array([text])).clock[0].is_valid)


def _text(value: object) -> str | None:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else None


def _aware(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
