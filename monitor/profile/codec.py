"""The binary form of counts: a versioned header and arrays, narrowed and compressed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from monitor.errors import LayoutError

VERSION = 1
_MAGIC = b"mmp"
_CODEC = pa.Codec("zstd", compression_level=1)


def pack(header: dict[str, Any], arrays: Sequence[NDArray[Any]]) -> bytes:
    """Return a compressed blob of a JSON header and one-dimensional arrays.

    Integers are stored in the narrowest width that holds them; floats keep all their bits.

    Examples
    --------
    >>> header, arrays = unpack(pack({"a": 1}, [np.array([1, 300]), np.array([0.5])]))
    >>> header, [a.tolist() for a in arrays]
    ({'a': 1}, [[1, 300], [0.5]])
    """
    narrow = [_narrow(np.ascontiguousarray(a).reshape(-1)) for a in arrays]
    shapes = [[a.dtype.str, len(a)] for a in narrow]
    head = json.dumps([header, shapes], ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    body = b"".join([len(head).to_bytes(4, "little"), head, *(a.tobytes() for a in narrow)])
    return b"".join([_MAGIC, bytes([VERSION]), len(body).to_bytes(8, "little"), _CODEC.compress(body, asbytes=True)])


def unpack(blob: bytes) -> tuple[dict[str, Any], list[NDArray[Any]]]:
    """Return header and arrays of a blob, not to be written to; integers as int64 or uint64, floats as float64.

    Raises
    ------
    LayoutError
        The blob is not one of ours, or was written by a newer version.
    """
    if len(blob) < 12 or blob[:3] != _MAGIC:
        raise LayoutError("stored counts are damaged", hint="restore the store from a backup, or delete these tiles")
    if blob[3] > VERSION:
        raise LayoutError(f"stored counts have version {blob[3]}, this program reads up to {VERSION}", hint="upgrade")
    size = int.from_bytes(blob[4:12], "little")
    try:
        body = _CODEC.decompress(blob[12:], decompressed_size=size, asbytes=True)
    except OSError as error:
        raise LayoutError("stored counts are damaged", hint="restore the store from a backup") from error
    end = 4 + int.from_bytes(body[:4], "little")
    header, shapes = json.loads(body[4:end].decode("utf-8", "surrogatepass"))
    arrays = []
    for kind, length in shapes:
        stored = np.frombuffer(body, dtype=kind, count=length, offset=end)
        end += stored.nbytes
        arrays.append(stored.astype(_WIDE[stored.dtype.kind], copy=False))
    return header, arrays


_WIDE = {"i": np.int64, "u": np.uint64, "f": np.float64}


def _narrow(array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype.kind != "i" or not len(array):
        return array
    low, high = int(array.min()), int(array.max())
    for kind in (np.int8, np.int16, np.int32):
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return array.astype(kind)
    return array
