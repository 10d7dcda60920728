"""The plain types in which files give their columns, and how all others become one of them.

Plain are null, booleans, integers, float32 and float64, text, dictionaries of text, dates and
timestamps. Decimals and durations (as seconds) become float64; bytes, times of day, UUIDs and nested
values text.
"""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as is_

EXACT = 2**53


def plain_type(kind: pa.DataType) -> pa.DataType:
    """Return the plain type in which values of ``kind`` are given.

    Examples
    --------
    >>> plain_type(pa.decimal128(10, 2)), plain_type(pa.list_(pa.int64())), plain_type(pa.int8())
    (DataType(double), DataType(string), DataType(int8))
    """
    if isinstance(kind, pa.BaseExtensionType):
        return pa.string() if "uuid" in kind.extension_name else plain_type(kind.storage_type)
    if is_.is_dictionary(kind):
        value = plain_type(kind.value_type)
        return pa.dictionary(pa.int32(), value) if value == pa.string() else value
    if is_.is_run_end_encoded(kind):
        return plain_type(kind.value_type)
    if is_.is_float16(kind):
        return pa.float32()
    if is_.is_decimal(kind) or is_.is_duration(kind):
        return pa.float64()
    kept = (
        is_.is_null, is_.is_boolean, is_.is_integer, is_.is_floating, is_.is_timestamp, is_.is_date,
    )  # fmt: skip
    return kind if any(test(kind) for test in kept) else pa.string()


def plain_schema(schema: pa.Schema) -> pa.Schema:
    """Return a schema with every type made plain."""
    return pa.schema([(field.name, plain_type(field.type)) for field in schema])


def plain(values: pa.Array) -> pa.Array:
    """Return the array in its plain type; all that gets lost is a decimal's digits beyond float64.

    Examples
    --------
    >>> plain(pa.array([{"a": 1}, None])).to_pylist(), plain(pa.array([b"x"])).to_pylist()
    (['{"a": 1}', None], ['x'])
    """
    kind, target = values.type, plain_type(values.type)
    if kind == target:
        return values
    if isinstance(kind, pa.BaseExtensionType):
        return as_text(values) if "uuid" in kind.extension_name else plain(values.storage)
    if is_.is_run_end_encoded(kind):
        return plain(pc.run_end_decode(values))
    if is_.is_dictionary(kind):
        return _plain_dictionary(values, target)
    if is_.is_duration(kind):
        per_second = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}[kind.unit]
        return pc.divide(values.cast(pa.int64()).cast(pa.float64(), safe=False), per_second)
    return as_text(values) if target == pa.string() else values.cast(target, safe=False)


def as_text(values: pa.Array) -> pa.Array:
    """Return the array as text: whole floats below 2^53 as integers, nested values as JSON, NaN missing.

    Examples
    --------
    >>> as_text(pa.array([1.0, 0.5, None])).to_pylist(), as_text(pa.array([True])).to_pylist()
    (['1', '0.5', None], ['true'])
    """
    kind = values.type
    if kind == pa.string():
        return values
    if is_.is_dictionary(kind):
        return as_text(values.dictionary_decode())
    if is_.is_floating(kind):
        return _float_text(values.cast(pa.float64()))
    try:
        return values.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError):
        return pa.array([_text(value) for value in values.to_pylist()], pa.string())


def _float_text(values: pa.Array) -> pa.Array:
    """Write floats; 1.0 reads 1, so that a column of integers with gaps keeps its ids."""
    text = pc.if_else(pc.is_nan(values), None, pc.cast(values, pa.string()))
    whole = pc.and_(pc.equal(pc.floor(values), values), pc.less(pc.abs(values), float(EXACT)))
    whole = pc.fill_null(whole, False)
    if not pc.any(whole).as_py():
        return text
    integers = pc.if_else(whole, values, 0.0).cast(pa.int64()).cast(pa.string())
    return pc.if_else(whole, integers, text)


def _plain_dictionary(values: pa.DictionaryArray, target: pa.DataType) -> pa.Array:
    if not is_.is_dictionary(target):
        return plain(values.dictionary_decode())
    return pa.DictionaryArray.from_arrays(values.indices.cast(pa.int32()), as_text(values.dictionary))


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, default=_text_or_repr, ensure_ascii=False)
    return str(value)


def _text_or_repr(value: object) -> str:
    return _text(value) or str(value)
