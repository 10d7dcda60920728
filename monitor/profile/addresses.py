"""Adding up by address, as ``np.bincount`` does, but with the interpreter's lock given back: threads work side by side.

A sparse matrix of one column, times one, is such a sum: SciPy adds the entries in their order, so that the sums are the
same to the last bit.
"""

from __future__ import annotations

from copy import copy
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

_SMALL = 4_096  # rows below which making a matrix costs more than it saves


def rows_at(at: NDArray[np.integer], size: int) -> NDArray[np.int64]:
    """Count how often each address from 0 to ``size - 1`` occurs.

    Examples
    --------
    >>> rows_at(np.array([2, 0, 2]), 4).tolist()
    [1, 0, 2, 0]
    """
    if len(at) < _SMALL or size >= np.iinfo(np.int32).max:
        return np.bincount(at, minlength=size)
    return _added(_ones(len(at)), at, size).astype(np.int64)


def sums_at(at: NDArray[np.integer], weights: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Add up the weights of each address from 0 to ``size - 1``, in the order they come.

    Examples
    --------
    >>> sums_at(np.array([2, 0, 2]), np.array([0.5, 1.0, 0.25]), 4).tolist()
    [1.0, 0.0, 0.75, 0.0]
    """
    if len(at) < _SMALL or size >= np.iinfo(np.int32).max:
        return np.bincount(at, weights, size).astype(np.float64, copy=False)
    return _added(weights, at, size)


def _added(weights: NDArray[np.generic], at: NDArray[np.integer], size: int) -> NDArray[Any]:
    """Multiply the column by one. A copy of an empty one is filled: to make one anew takes SciPy twice as long."""
    column = copy(_empty(size, weights.dtype))
    column.data, column.indices = weights, np.ascontiguousarray(at, dtype=np.int32)
    column.indptr = np.array([0, len(at)], np.int32)
    return np.asarray(column @ np.ones(1, weights.dtype))


@lru_cache(maxsize=1024)
def _empty(size: int, kind: np.dtype[Any]) -> csc_array:
    return csc_array((size, 1), dtype=kind)


@lru_cache(maxsize=4)
def _ones(n: int) -> NDArray[np.int32]:
    return np.ones(n, np.int32)
