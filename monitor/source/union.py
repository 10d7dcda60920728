"""One schema for many files: what becomes of a column whose type differs between them.

Integers and floats become float64, times of different precision the finest, any other mixture text.
A column that a file lacks is missing (null) in its rows.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.types as is_

from monitor.source.plain import as_text

TEXT = pa.string()
_UNITS = ("s", "ms", "us", "ns")


def united_type(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """Return the type that holds the values of both.

    Examples
    --------
    >>> united_type(pa.int64(), pa.float32()), united_type(pa.bool_(), pa.int8())
    (DataType(double), DataType(string))
    """
    if one == other or is_.is_null(other):
        return one
    if is_.is_null(one):
        return other
    if is_.is_integer(one) and is_.is_integer(other):
        return _united_integer(one, other)
    if _is_number(one) and _is_number(other):
        return pa.float64()
    if _is_moment(one) and _is_moment(other):
        return _united_moment(one, other)
    both = is_.is_dictionary(one) and is_.is_dictionary(other)
    return pa.dictionary(pa.int32(), TEXT) if both else TEXT


def unite(schemas: Iterable[pa.Schema]) -> pa.Schema:
    """Return the columns of all schemas, in order of appearance, each with its united type.

    Examples
    --------
    >>> a, b = pa.schema({"id": pa.int64()}), pa.schema({"id": pa.string(), "score": pa.float64()})
    >>> unite([a, b])
    id: string
    score: double
    """
    types: dict[str, pa.DataType] = {}
    for schema in schemas:
        for field in schema:
            known = types.get(field.name)
            types[field.name] = field.type if known is None else united_type(known, field.type)
    return pa.schema(list(types.items()))


def conform(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Return the columns of ``schema`` out of a batch, in its types; null where it has none."""
    names = set(batch.schema.names)
    arrays = [
        cast(batch.column(field.name), field.type) if field.name in names else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    if not arrays:
        return counted(batch.num_rows)
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def counted(rows: int) -> pa.RecordBatch:
    """Return a batch without columns that still knows its number of rows."""
    return pa.RecordBatch.from_struct_array(pa.array([{}] * rows, pa.struct([])))


def cast(values: pa.Array, kind: pa.DataType) -> pa.Array:
    """Return the array in a united type; integers beyond 2^53 that become floats are rounded."""
    if values.type == kind:
        return values
    if kind == TEXT:
        return as_text(values)
    return values.cast(kind, safe=False)


def _united_integer(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """Return an integer type for both; text when one is uint64 and the other may be negative."""
    if is_.is_unsigned_integer(one) and is_.is_unsigned_integer(other):
        return pa.uint64()
    return TEXT if pa.uint64() in (one, other) else pa.int64()


def _is_number(kind: pa.DataType) -> bool:
    return bool(is_.is_integer(kind) or is_.is_floating(kind))


def _is_moment(kind: pa.DataType) -> bool:
    return bool(is_.is_timestamp(kind) or is_.is_date(kind))


def _united_moment(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """Return the finer timestamp; text when only one of the two has a zone."""
    zones = {getattr(kind, "tz", None) for kind in (one, other)}
    if len(zones) > 1 and None in zones:
        return TEXT
    unit = max((getattr(kind, "unit", "us") for kind in (one, other)), key=_UNITS.index)
    return pa.timestamp(unit, zones.pop() if len(zones) == 1 else "UTC")
