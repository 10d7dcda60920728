"""64-bit hashes of ids, a whole column at a time, the same in every process and for every type of the same id."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from monitor.profile.values import places, plain

Hashes = NDArray[np.uint64]
_SEED = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def mix(values: Hashes) -> Hashes:
    """Scramble 64-bit numbers so that close ones end far apart (the finaliser of SplitMix64, Steele et al., 2014).

    Examples
    --------
    >>> int(mix(np.array([1], dtype=np.uint64))[0])
    10451216379200822465
    """
    with np.errstate(over="ignore"):
        mixed = values + _SEED
        mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX[0]
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX[1]
        return mixed ^ (mixed >> np.uint64(31))


def hashes(column: pa.Array) -> Hashes:
    """Return the hash of each value's text; missing hashes as the empty text. 1 and "1" hash alike.

    Examples
    --------
    >>> bool((hashes(pa.array([1, 22])) == hashes(pa.array(["1", "22"]))).all())
    True
    """
    if pa.types.is_dictionary(column.type):
        each = np.append(hashes(column.dictionary), _of_text(pa.array([""], pa.large_string())))
        return each[places(column)]
    return _of_text(texts(column).fill_null(""))


def texts(column: pa.Array) -> pa.LargeStringArray:
    """Return each value's text, null for missing: whole floats as integers, bytes in hexadecimal.

    Examples
    --------
    >>> texts(pa.array([1.0, 0.5, None])).to_pylist()
    ['1', '0.5', None]
    """
    column = plain(column)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_floating(column.type):
        whole = column.cast(pa.int64(), safe=False)
        same = pc.equal(whole.cast(pa.float64(), safe=False), column.cast(pa.float64())).fill_null(False)
        return pc.if_else(same, whole.cast(pa.large_string()), column.cast(pa.large_string()))
    if pa.types.is_fixed_size_binary(column.type):
        column = column.cast(pa.binary())
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return pa.array([None if v is None else v.hex() for v in column.to_pylist()], pa.large_string())
    return column.cast(pa.large_string())


def _of_text(column: pa.LargeStringArray) -> Hashes:
    """Hash UTF-8 texts eight bytes at a time, all rows of one length together."""
    if len(column) == 0:
        return np.zeros(0, dtype=np.uint64)
    _, offsets, data = column.buffers()
    at = np.frombuffer(offsets, dtype=np.int64, count=len(column) + 1 + column.offset)[column.offset :]
    raw = np.frombuffer(data, dtype=np.uint8) if data is not None else np.zeros(0, dtype=np.uint8)
    sizes = np.diff(at)
    state = mix(sizes.astype(np.uint64))
    raw = np.concatenate([raw, np.zeros(8, dtype=np.uint8)])
    for start in range(0, int(sizes.max(initial=0)), 8):
        rows = np.flatnonzero(sizes > start)
        window = raw[(at[rows] + start)[:, None] + np.arange(8)]
        window[np.arange(8) >= (sizes[rows] - start)[:, None]] = 0
        state[rows] = mix(state[rows] ^ window.view("<u8")[:, 0])
    return state
