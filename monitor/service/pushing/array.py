"""Arrow's columns as they were pushed, with nothing in them that would unfold into more memory than was sent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Sizes = npt.NDArray[np.int64]


def flat(array: pa.Array) -> pa.Array | Sequence[object]:
    """Return a column as it is, one of a nested type as lists that are empty, which no column takes.

    A list of nothing has no bytes for its items, however many they are: unfolded, some bytes fill the memory.

    Examples
    --------
    >>> flat(pa.array([[1], None])), flat(pa.array([1, 2])).to_pylist()
    ([[], None], [1, 2])
    """
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    kind = array.type
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    if pa.types.is_nested(inner) or pa.types.is_dictionary(inner) or isinstance(inner, pa.BaseExtensionType):
        return [[] if valid else None for valid in array.is_valid().to_pylist()]
    return array


def decoded(array: pa.DictionaryArray) -> pa.Array:
    """Return each row's own value.

    Examples
    --------
    >>> decoded(pa.array(["a", None, "a"]).dictionary_encode()).to_pylist()
    ['a', None, 'a']
    """
    known = array.dictionary
    if _is_view(known.type):  # Arrow takes nothing from views
        known = known.cast(pa.string() if pa.types.is_string_view(known.type) else pa.binary())
    return known.take(array.indices)


def unfolded(array: pa.Array | Sequence[object]) -> int:
    """Return how many bytes of text a column has once each row has its own: in Arrow many can share one.

    Examples
    --------
    >>> unfolded(pa.array(["four", "four", None, "four"]).dictionary_encode()), unfolded(pa.array(["four"]))
    (12, 0)
    """
    if not isinstance(array, pa.Array):
        return 0
    if _is_view(array.type):
        return int(_view_sizes(array).sum())
    if not pa.types.is_dictionary(array.type):
        return 0
    known = array.dictionary
    if not len(known) or not (_is_view(known.type) or _is_text(known.type)):
        return 0
    sizes = _view_sizes(known) if _is_view(known.type) else _sizes(known)
    return int(max(sizes.sum(), sizes[np.asarray(array.indices.drop_null())].sum()))


def _is_view(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string_view(kind) or pa.types.is_binary_view(kind))


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind)
        or pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
    )  # fmt: skip


def _sizes(array: pa.Array) -> Sizes:
    return np.asarray(pc.fill_null(pc.binary_length(array), 0)).astype(np.int64)


def _view_sizes(array: pa.Array) -> Sizes:
    """Read the lengths from the views themselves, each 16 bytes: Arrow has no function for it."""
    views = np.frombuffer(array.buffers()[1], np.int32).reshape(-1, 4)[array.offset : array.offset + len(array), 0]
    return np.where(np.asarray(array.is_valid()), views, 0).astype(np.int64)
