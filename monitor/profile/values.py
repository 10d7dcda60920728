"""Values of an Arrow column: numbers as float64 with NaN for missing, categories as codes into texts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from monitor.domain.category import category_text
from monitor.profile.addresses import rows_at

Text = Callable[[object], str | None]

_CLOSE = 1_024  # whole numbers whose range is smaller than this are told apart by it


def numbers(column: pa.Array) -> NDArray[np.float64]:
    """Return a column as float64, NaN for what is null or no number.

    Booleans are 0 and 1, instants seconds since 1970, text is parsed (``"1.5"``; what does not parse is NaN).

    Examples
    --------
    >>> numbers(pa.array(["1", "x", None, "1e3"]))
    array([   1.,   nan,   nan, 1000.])
    """
    kind = column.type
    if pa.types.is_run_end_encoded(kind):
        return numbers(plain(column))
    if pa.types.is_dictionary(kind):
        values = numbers(column.dictionary)
        return np.append(values, np.nan).take(places(column))
    if pa.types.is_boolean(kind):
        column = column.cast(pa.int8())
    elif pa.types.is_temporal(kind):
        return _seconds(column)
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        return _parsed(column)
    if pa.types.is_decimal(kind) or (column.null_count and not pa.types.is_floating(kind)):
        column = column.cast(pa.float64(), safe=False)
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)


def categories(column: pa.Array, text: Text = category_text) -> tuple[NDArray[np.int64], list[str | None]]:
    """Return each row's code and the text of each code; a missing value has a code whose text is None.

    Examples
    --------
    >>> codes, texts = categories(pa.array([1.0, None, 1.0]))
    >>> codes.tolist(), texts
    ([0, 1, 0], ['1', None])
    """
    if pa.types.is_integer(column.type) and (span := _span(column)) is not None:
        return _by_span(column, text, *span)
    fresh = not pa.types.is_dictionary(column.type)
    if fresh:
        column = plain(column).dictionary_encode()
    raw = column.dictionary.to_pylist()
    if text is category_text and fresh and is_text(column.dictionary.type):  # distinct texts as they should be
        return places(column).astype(np.int64), raw + [None] * bool(column.null_count)
    raw = [text(value) for value in raw]
    texts: dict[str | None, int] = {}
    place = [texts.setdefault(value, len(texts)) for value in raw]
    if column.null_count:
        place.append(texts.setdefault(None, len(texts)))
    codes = np.asarray(place, dtype=np.int64)[places(column)]
    return codes, list(texts)


def _span(column: pa.Array) -> tuple[int, int] | None:
    """Return the least of whole numbers that lie close together, and how many there could be; None for others."""
    ends = pc.min_max(column)
    low, high = ends["min"].as_py(), ends["max"].as_py()
    if low is None or high - low >= _CLOSE or len(column) < _CLOSE:
        return None
    return low, high - low + 1


def _by_span(column: pa.Array, text: Text, low: int, size: int) -> tuple[NDArray[np.int64], list[str | None]]:
    """Return codes and texts of whole numbers that lie close together: no hashing is needed to tell them apart."""
    missing = column.null_count > 0
    codes = _from(column.fill_null(low) if missing else column, low)
    if missing:
        codes = np.where(np.asarray(column.is_null()), size, codes)
    present = np.flatnonzero(rows_at(codes, size + missing))
    texts = [None if value == size else text(low + value) for value in present.tolist()]
    distinct = {each: place for place, each in enumerate(dict.fromkeys(texts))}
    if len(distinct) == size + missing:
        return codes, texts
    place = np.zeros(size + missing, dtype=np.int64)
    place[present] = [distinct[each] for each in texts]
    return place.take(codes), list(distinct)


def _from(column: pa.Array, low: int) -> NDArray[np.int64]:
    """Return whole numbers as distances from the least, as they stand in the column when that is 0."""
    wide = np.uint64 if pa.types.is_unsigned_integer(column.type) else np.int64
    values = np.asarray(column.to_numpy(zero_copy_only=False)).astype(wide, copy=False)
    return np.asarray(values - wide(low) if low else values).astype(np.int64, copy=False)


def is_text(kind: pa.DataType) -> bool:
    """Tell whether values of an Arrow type are text as Arrow computes with it."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def present(column: pa.Array) -> NDArray[np.bool_]:
    """Tell for each row whether it has a value; NaN is none.

    Examples
    --------
    >>> present(pa.array([1.0, None, float("nan")])).tolist()
    [True, False, False]
    """
    if pa.types.is_dictionary(column.type):
        return np.append(present(column.dictionary), False)[places(column)]
    column = plain(column)
    if pa.types.is_floating(column.type):
        return ~np.isnan(numbers(column))
    return np.asarray(column.is_valid())


def places(column: pa.DictionaryArray) -> NDArray[np.int64]:
    """Return each row's place in the dictionary, one past its end for null."""
    indices = column.indices
    if column.indices.null_count:  # the type of the indices may be too narrow for one more
        indices = indices.cast(pa.int64()).fill_null(len(column.dictionary))
    return np.asarray(indices.to_numpy(zero_copy_only=False))


def plain(column: pa.Array) -> pa.Array:
    """Bring rare types to those that Arrow computes with: lists and intervals become text.

    Examples
    --------
    >>> plain(pa.array([[1], None])).to_pylist()
    ['[1]', None]
    """
    kind = column.type
    if pa.types.is_run_end_encoded(kind):
        return plain(pc.run_end_decode(column))
    if pa.types.is_string_view(kind):
        return column.cast(pa.large_string())
    if pa.types.is_binary_view(kind):
        return column.cast(pa.large_binary())
    if pa.types.is_nested(kind) or pa.types.is_interval(kind):
        return pa.array([None if v is None else str(v) for v in column.to_pylist()], pa.large_string())
    return column


def _seconds(column: pa.Array) -> NDArray[np.float64]:
    if not pa.types.is_timestamp(column.type):
        if not pa.types.is_date(column.type):
            return np.full(len(column), np.nan)
        column = column.cast(pa.timestamp("s"))
    instants = column.cast(pa.timestamp("us", column.type.tz), safe=False).cast(pa.int64())
    return numbers(instants) / 1e6


def _parsed(column: pa.Array) -> NDArray[np.float64]:
    column = plain(column)
    if not pa.types.is_string(column.type) and not pa.types.is_large_string(column.type):
        return np.full(len(column), np.nan)
    try:
        return numbers(pc.cast(pc.utf8_trim_whitespace(column), pa.float64()))
    except pa.ArrowInvalid:
        distinct = column.dictionary_encode()
        values = np.array([_number(t) for t in distinct.dictionary.to_pylist()] + [np.nan])
        return values[places(distinct)]


def _number(text: str) -> float:
    try:
        return float("nan") if "_" in text else float(text)
    except ValueError:
        return float("nan")
