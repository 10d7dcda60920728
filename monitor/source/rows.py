"""Rows of Python values to Arrow columns, each batch with its own best type."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

import pyarrow as pa

CELLS = 500_000
EXACT = 2**53


class Cursor(Protocol):
    """What gives rows in portions."""

    def fetchmany(self, size: int, /) -> Sequence[Sequence[object]]:
        """Return the next rows, none at the end."""


def batch_rows(columns: int) -> int:
    """Return how many rows make a batch of bounded size.

    Examples
    --------
    >>> batch_rows(50), batch_rows(1)
    (10000, 65536)
    """
    return max(1_000, min(65_536, CELLS // max(columns, 1)))


def batches(cursor: Cursor, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Stream a cursor's rows; only one batch of them is in memory at a time."""
    size = batch_rows(len(schema))
    while rows := cursor.fetchmany(size):
        columns = zip(*rows, strict=True)
        arrays = [to_array(values, kind) for values, kind in zip(columns, schema.types, strict=True)]
        del rows
        yield pa.RecordBatch.from_arrays(arrays, names=schema.names)


def to_array(values: Sequence[object], declared: pa.DataType) -> pa.Array:  # noqa: PLR0911  a table
    """Turn one column of a batch into the type that loses nothing of it.

    Numbers stay numbers (``declared`` float64 makes whole ones floats while that is exact), a
    declared boolean takes 0 and 1, and values of mixed kinds become text.

    Examples
    --------
    >>> to_array((1, None, 0), pa.bool_()).to_pylist(), to_array((1, "x", 2.5), pa.int64()).to_pylist()
    ([True, None, False], ['1', 'x', '2.5'])
    """
    kinds = set(map(type, values)) - {type(None)}
    if not kinds:
        return pa.nulls(len(values), declared)
    if kinds == {int}:
        return _integers(values, declared)
    if kinds <= {int, float, Decimal}:
        return pa.array([None if v is None else float(v) for v in values], pa.float64())  # type: ignore[arg-type]
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds == {str}:
        return _strings(values)
    if kinds == {bytes}:
        return _decoded(values)
    if kinds <= {datetime, date}:
        return _moments(values, kinds)
    return _strings([None if v is None else text(v) for v in values])


def text(value: object) -> str:
    r"""Return the text that stands for a value of no column type of its own.

    Examples
    --------
    >>> text(b"caf\xc3\xa9"), text(True), text({"a": 1})
    ('café', 'true', '{"a": 1}')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "backslashreplace")
    if isinstance(value, dict | list | bool):
        return json.dumps(value, default=str, ensure_ascii=False)
    return str(value)


def _integers(values: Sequence[object], declared: pa.DataType) -> pa.Array:
    """Build integers, booleans where declared, floats where declared and exact, text beyond int64."""
    try:
        whole = pa.array(values, pa.int64())
    except (OverflowError, pa.ArrowInvalid):
        return _strings([None if v is None else str(v) for v in values])
    present = [v for v in values if v is not None]
    low, high = min(present), max(present)  # type: ignore[type-var]
    if pa.types.is_boolean(declared) and low >= 0 and high <= 1:  # type: ignore[operator]
        return whole.cast(pa.bool_())
    if pa.types.is_floating(declared) and low >= -EXACT and high <= EXACT:  # type: ignore[operator]
        return whole.cast(pa.float64())
    return whole


def _decoded(values: Sequence[object]) -> pa.Array:
    """Decode bytes, at full speed when they are UTF-8."""
    try:
        return pa.array(values, pa.binary()).cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array([None if v is None else text(v) for v in values], pa.string())


def _strings(values: Sequence[object]) -> pa.Array:
    """Build text; lone surrogates are written out."""
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:
        safe = [v if v is None else str(v).encode("utf-8", "backslashreplace").decode() for v in values]
        return pa.array(safe, pa.string())


def _moments(values: Sequence[object], kinds: set[type]) -> pa.Array:
    """Build timestamps: all aware, all naive, or text when mixed."""
    if kinds == {date}:
        return pa.array(values, pa.date32())
    aware = {v.tzinfo is not None for v in values if isinstance(v, datetime)}
    if date in kinds or len(aware) > 1:
        return _strings([None if v is None else str(v) for v in values])
    return pa.array(values, pa.timestamp("us", "UTC" if aware == {True} else None))
