"""One pushed column: its values as Arrow, of the kind that the log's column holds, and those that do not fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress

import pyarrow as pa
import pyarrow.compute as pc

from monitor.service.pushing.array import decoded
from monitor.service.pushing.value import LONGEST, UnfitError, fitted, kind_of
from monitor.source.times import UTC_MICROSECONDS, to_utc
from monitor.store.logs import Kind

Values = Sequence[object]  # or an array of Arrow, which has no types
ARROW: dict[Kind, pa.DataType] = {
    "text": pa.string(), "number": pa.float64(), "integer": pa.int64(), "boolean": pa.bool_(),
    "instant": UTC_MICROSECONDS, "open": pa.string(),
}  # fmt: skip
_FAMILIES: dict[Kind, frozenset[type]] = {
    "text": frozenset({str}), "number": frozenset({int, float}), "integer": frozenset({int}),
    "boolean": frozenset({bool}),
}  # fmt: skip
_NO_TIME = "is no time: send ISO 8601 such as 2026-11-20T05:00:00Z, or seconds since 1970"
_NAIVE = "has no time zone: send 2026-11-20T05:00:00Z, or set the source's `timezone:`"


@dataclass(frozen=True)
class Column:
    """A column as the log takes it: missing where a value did not fit, which ``faults`` tell by row."""

    kind: Kind
    values: pa.Array
    faults: dict[int, str] = field(default_factory=dict)


def column(
    values: Values, kind: Kind | None, *, loose: bool = False, whole: bool = False, zone: str | None = None
) -> Column:
    """Fit values into a column.

    Parameters
    ----------
    values : sequence or Array
        Python's values as JSON gives them, or Arrow's.
    kind : str or None
        What the column holds; None when there is none yet.
    loose : bool
        See `fitted`.
    whole : bool
        Whether fractions do not widen a column of whole numbers.
    zone : str or None
        The zone of times without one.

    Examples
    --------
    >>> found = column([1, 2.5, "x"], "integer")
    >>> found.kind, found.values.to_pylist(), sorted(found.faults)
    ('number', [1.0, 2.5, None], [2])
    """
    if isinstance(values, pa.Array | pa.ChunkedArray):
        values = _from_arrow(values)
    if kind == "instant" or (kind is None and isinstance(values, pa.Array) and pa.types.is_timestamp(values.type)):
        return _instants(values, zone)
    wanted = "integer" if whole and kind == "integer" else _wanted(values, kind)
    if isinstance(values, pa.Array):
        if values.type == ARROW[wanted] or _widens(values.type, wanted):
            return _checked(Column(wanted, values.cast(ARROW[wanted])), values, loose)
        values = values.to_pylist()
    array = _at_once(values, wanted)
    return _one_by_one(values, wanted, loose) if array is None else _checked(Column(wanted, array), values, loose)


def _at_once(values: Values, kind: Kind) -> pa.Array | None:
    """Return values that are all of a kind's family as an array; None when one is not, is too large or no text."""
    if not set(map(type, values)) - {type(None)} <= _FAMILIES.get(kind, frozenset()):
        return None
    try:
        return pa.array(values, ARROW[kind])
    except (pa.ArrowInvalid, OverflowError, UnicodeEncodeError):
        return None


def _wanted(values: Values, kind: Kind | None) -> Kind:
    """Return what the column will hold: its first value opens it, fractions widen whole numbers."""
    found: Iterator[Kind | None]
    opened: Kind = "open" if kind is None else kind
    arrow = values.type if isinstance(values, pa.Array) else None
    if kind is None or kind == "open":
        found = map(kind_of, values) if arrow is None else iter([_kind_of_type(arrow)])
        opened = next((each for each in found if each is not None), "open")
    if opened == "integer":
        fractions = pa.types.is_floating(arrow) if arrow is not None else any(type(v) is float for v in values)
        return "number" if fractions else "integer"
    return opened


def _kind_of_type(arrow: pa.DataType) -> Kind | None:
    tests: tuple[tuple[Kind, bool], ...] = (
        ("boolean", pa.types.is_boolean(arrow)),
        ("integer", pa.types.is_integer(arrow)),
        ("number", pa.types.is_floating(arrow)),
        ("text", pa.types.is_string(arrow)),
    )
    return next((kind for kind, found in tests if found), None)


def _widens(arrow: pa.DataType, kind: Kind) -> bool:
    if kind == "number":
        return bool(pa.types.is_floating(arrow) or (pa.types.is_integer(arrow) and arrow.bit_width <= 32))
    return kind == "integer" and bool(pa.types.is_integer(arrow)) and arrow != pa.uint64()


def _checked(found: Column, values: Values, loose: bool) -> Column:
    """Turn NaN into missing; look at text one by one when some of it is too long or holds a NUL."""
    array = found.values
    if found.kind == "number":
        return Column("number", pc.if_else(pc.is_nan(array), None, array))
    if found.kind == "text":
        longest = pc.max(pc.binary_length(array)).as_py() or 0
        if longest > LONGEST or pc.any(pc.match_substring(array, "\0")).as_py():
            return _one_by_one(values.to_pylist() if isinstance(values, pa.Array) else values, "text", loose)
    return found


def _one_by_one(values: Sequence[object], kind: Kind, loose: bool) -> Column:
    kept: list[object] = []
    faults: dict[int, str] = {}
    for at, value in enumerate(values):
        try:
            kept.append(fitted(value, kind, loose=loose))
        except UnfitError as error:
            kept.append(None)
            faults[at] = str(error)
    return Column(kind, pa.array(kept, ARROW[kind]), faults)


def _instants(values: Values, zone: str | None) -> Column:
    """Read times; those of Python's JSON may mix text and numbers."""
    if isinstance(values, pa.Array):
        missing = values.is_null()
        array, faults = values, {}
    else:
        faults = {at: _NO_TIME for at, value in enumerate(values) if not _may_be_time(value)}
        texts = [None if v is None or at in faults else str(v) for at, v in enumerate(values)]
        try:
            array = pa.array(texts, pa.string())
        except UnicodeEncodeError:
            return _instants([v if not isinstance(v, str) or v.isascii() else "" for v in values], zone)
        missing = array.is_null()
    if zone is None:
        aware = to_utc(array, "UTC", "time")
        naive = _naive(array)
        faults |= dict.fromkeys(compress(range(len(array)), naive), _NAIVE)
    else:
        aware = to_utc(array, zone, "time")
    unread = pc.and_not(aware.is_null(), missing).to_pylist()
    faults = dict.fromkeys(compress(range(len(array)), unread), _NO_TIME) | faults
    return Column("instant", aware, faults)


def _naive(array: pa.Array) -> list[bool]:
    """Tell which times lack a zone: those that another zone would move."""
    if pa.types.is_timestamp(array.type) and array.type.tz is not None:
        return [False] * len(array)
    here, there = to_utc(array, "UTC", "time"), to_utc(array, "Etc/GMT+1", "time")
    moved: list[bool] = pc.fill_null(pc.not_equal(here, there), False).to_pylist()
    return moved


def _may_be_time(value: object) -> bool:
    return value is None or (isinstance(value, int | float | str) and not isinstance(value, bool))


def _from_arrow(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return an Arrow column as one of the types that logs have; nested ones as they are."""
    array = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if pa.types.is_dictionary(array.type):
        array = decoded(array)
    kind = array.type
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return array.cast(pa.string())
    if pa.types.is_decimal(kind) or pa.types.is_float16(kind) or pa.types.is_float32(kind):
        return array.cast(pa.float64())
    if pa.types.is_date(kind):
        return array.cast(pa.timestamp("us"))
    return array
