"""Values of an Arrow column: numbers as float64 with NaN for missing, categories as codes into texts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from monitor.domain.category import category_text

Text = Callable[[object], str | None]


def numbers(column: pa.Array) -> NDArray[np.float64]:
    """Return a column as float64, NaN for what is null or no number.

    Booleans are 0 and 1, instants seconds since 1970, text is parsed (``"1.5"``; what does not parse is NaN).

    Examples
    --------
    >>> numbers(pa.array(["1", "x", None, "1e3"]))
    array([   1.,   nan,   nan, 1000.])
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        values = numbers(column.dictionary)
        codes = column.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
        return np.append(values, np.nan)[codes]
    if pa.types.is_boolean(kind):
        column = column.cast(pa.int8())
    elif pa.types.is_temporal(kind):
        return _seconds(column)
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        return _parsed(column)
    if pa.types.is_decimal(kind) or (column.null_count and not pa.types.is_floating(kind)):
        column = column.cast(pa.float64(), safe=False)
    values = column.to_numpy(zero_copy_only=False)
    return values if values.dtype == np.float64 else values.astype(np.float64)


def categories(column: pa.Array, text: Text = category_text) -> tuple[NDArray[np.int64], list[str | None]]:
    """Return each row's code and the text of each code; a missing value has a code whose text is None.

    Examples
    --------
    >>> codes, texts = categories(pa.array([1.0, None, 1.0]))
    >>> codes.tolist(), texts
    ([0, 1, 0], ['1', None])
    """
    if not pa.types.is_dictionary(column.type):
        column = _plain(column).dictionary_encode()
    raw = [text(value) for value in column.dictionary.to_pylist()]
    texts: dict[str | None, int] = {}
    place = [texts.setdefault(value, len(texts)) for value in raw]
    if column.null_count:
        place.append(texts.setdefault(None, len(texts)))
    indices = column.indices.fill_null(len(raw)) if column.null_count else column.indices
    codes = np.asarray(place, dtype=np.int64)[indices.to_numpy(zero_copy_only=False)]
    return codes, list(texts)


def _plain(column: pa.Array) -> pa.Array:
    """Bring types that Arrow cannot dictionary-encode to text."""
    if pa.types.is_nested(column.type):
        return pa.array([None if v is None else str(v) for v in column.to_pylist()], pa.string())
    return column


def _seconds(column: pa.Array) -> NDArray[np.float64]:
    if not pa.types.is_timestamp(column.type):
        if not pa.types.is_date(column.type):
            return np.full(len(column), np.nan)
        column = column.cast(pa.timestamp("s"))
    instants = column.cast(pa.timestamp("us", column.type.tz), safe=False).cast(pa.int64())
    return numbers(instants) / 1e6


def _parsed(column: pa.Array) -> NDArray[np.float64]:
    if not pa.types.is_string(column.type) and not pa.types.is_large_string(column.type):
        column = _plain(column)
        if not pa.types.is_string(column.type):
            return np.full(len(column), np.nan)
    try:
        return numbers(pc.cast(pc.utf8_trim_whitespace(column), pa.float64()))
    except pa.ArrowInvalid:
        distinct = column.dictionary_encode()
        values = np.array([_number(t) for t in distinct.dictionary.to_pylist()] + [np.nan])
        return values[distinct.indices.fill_null(len(values) - 1).to_numpy(zero_copy_only=False)]


def _number(text: str) -> float:
    try:
        return float("nan") if "_" in text else float(text)
    except ValueError:
        return float("nan")
