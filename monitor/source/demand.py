"""What a request asks of a set of columns: which to read, and which rows can be left out early.

Everything here is a superset: a row inside the window always passes. Time bounds are pushed for
timestamps, dates and numbers since the epoch; times written as text are all read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as is_

from monitor.errors import SourceError
from monitor.source.bounds import DAY, epoch_ranges, local_bound
from monitor.source.relation import Request
from monitor.source.suggest import missing_column

Span = tuple[object | None, object | None]


def demanded(schema: pa.Schema, request: Request, place: str) -> pa.Schema:
    """Return the fields that must be read to answer a request.

    Raises
    ------
    SourceError
        State ``missing_column``, with the nearest names there are.
    """
    time = () if request.time is None else (request.time,)
    names = dict.fromkeys((*request.columns, *time, *request.where))
    for name in names:
        if schema.get_field_index(name) < 0:
            raise missing_column(place, name, schema.names)
    return pa.schema([schema.field(name) for name in names])


def spans(kind: pa.DataType, request: Request) -> list[Span] | None:
    """Return ranges of raw values, upper end excluded, of which one holds any row inside.

    None when no range is sure for this type: then every row may be inside.

    Examples
    --------
    >>> from datetime import UTC
    >>> start = datetime(2023, 11, 14, tzinfo=UTC)
    >>> day = Request(("t",), "t", start, start + DAY)
    >>> spans(pa.timestamp("us"), day)
    [(datetime.datetime(2023, 11, 14, 0, 0), datetime.datetime(2023, 11, 15, 0, 0))]
    >>> spans(pa.int64(), day)[0], spans(pa.string(), day)
    ((1699920000, 1700006400), None)
    """
    start, end = request.start, request.end
    if start is None and end is None:
        return None
    if is_.is_integer(kind) or is_.is_floating(kind):
        return [*epoch_ranges(start, end)]
    if is_.is_timestamp(kind) and kind.tz is not None:
        return [(start, end)]
    low, high = local_bound(start, request.timezone, -1), local_bound(end, request.timezone, 1)
    if is_.is_timestamp(kind):
        return [(low, high)]
    if is_.is_date(kind):
        return [(None if low is None else low.date(), None if high is None else (high + DAY).date())]
    return None


def condition(schema: pa.Schema, request: Request, place: str) -> pc.Expression | None:
    """Return what rows of these columns must fulfil; None when all may pass.

    Raises
    ------
    SourceError
        State ``wrong_type``: a value of ``where`` cannot stand in its column.
    """
    parts = [equals(schema.field(name), value, place) for name, value in request.where.items()]
    if request.time is not None:
        within = _within(schema.field(request.time), request)
        parts += [] if within is None else [within]
    return _joined(parts, all_of=True)


def equals(field: pa.Field, value: object, place: str) -> pc.Expression:
    """Return the condition that a column equals a value, which is read as the column's type."""
    if value is None:
        return pc.field(field.name).is_null()
    wanted = literal(field, value, place)
    column = pc.field(field.name)
    return (column.cast(pa.string()) if is_.is_dictionary(field.type) else column) == wanted


def literal(field: pa.Field, value: object, place: str) -> pa.Scalar:
    """Return a value of ``where`` as a scalar of a column's type.

    Examples
    --------
    >>> literal(pa.field("n", pa.int64()), "1", "f").as_py(), literal(pa.field("t", pa.string()), True, "f").as_py()
    (1, 'true')
    """
    try:
        return typed(value, field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError, OverflowError):
        raise SourceError(
            f"{place}: `where` compares column {field.name!r}, which holds {field.type}, with {value!r}",
            "write a value of that type under `where:`",
            state="wrong_type",
        ) from None


def typed(value: object, kind: pa.DataType) -> pa.Scalar:
    """Return a value as a scalar of a type; raise what Arrow raises when it is none."""
    if kind == pa.string() or is_.is_dictionary(kind):
        return pa.scalar(_text(value))
    if is_.is_null(kind):
        return pa.scalar(None, kind)
    return pa.scalar(value).cast(kind)


def _text(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _within(field: pa.Field, request: Request) -> pc.Expression | None:
    ranges = spans(field.type, request)
    if ranges is None:
        return None
    parts: list[pc.Expression] = []
    for low, high in ranges:
        bounds = [_bound(field, low, upper=False), _bound(field, high, upper=True)]
        both = _joined([bound for bound in bounds if bound is not None], all_of=True)
        if both is None:
            return None
        parts.append(both)
    return _joined(parts, all_of=False) if parts else pc.scalar(False)


def _bound(field: pa.Field, value: object | None, *, upper: bool) -> pc.Expression | None:
    """Compare in the column's own type, so that statistics of row groups serve; None if it cannot."""
    if value is None:
        return None
    rounded = _rounded(value, field.type, up=upper)
    if is_.is_integer(field.type):
        limit = pa.scalar(rounded, pa.int64())
        return _compare(pc.field(field.name), limit, upper=upper)
    try:
        limit = pa.scalar(rounded, field.type)
    except (pa.ArrowInvalid, OverflowError):
        return None
    return _compare(pc.field(field.name), limit, upper=upper)


def _compare(column: pc.Expression, limit: pa.Scalar, *, upper: bool) -> pc.Expression:
    return column < limit if upper else column >= limit


def _rounded(value: object, kind: pa.DataType, *, up: bool) -> object:
    """Round an instant to the column's precision: a start down, an end up."""
    if not isinstance(value, datetime) or not is_.is_timestamp(kind):
        return float(value) if is_.is_floating(kind) and isinstance(value, int) else value
    step = {"s": 1_000_000, "ms": 1_000}.get(kind.unit, 1)
    rest = value.microsecond % step
    if not rest:
        return value
    return value + timedelta(microseconds=step - rest if up else -rest)


def _joined(parts: Sequence[pc.Expression], *, all_of: bool) -> pc.Expression | None:
    whole: pc.Expression | None = None
    for part in parts:
        whole = part if whole is None else (whole & part if all_of else whole | part)
    return whole
