"""Which of several ground truth rows of one key counts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def latest(rows: pa.Table, count: int) -> pa.Array:
    """Return for each key the place of its row that counts; null for a key without rows.

    Parameters
    ----------
    rows : Table
        ``g`` (the key's number, below ``count``), ``t`` (int64 microseconds or null) and ``v``.
    count : int
        How many keys there are.

    Returns
    -------
    Array of int64, length ``count``
        The latest; of equal or no times the largest value. Missing times and values come last.

    Examples
    --------
    >>> rows = pa.table({"g": [0, 0, 2], "t": [5, 5, None], "v": [3, 20, 1]})
    >>> latest(rows, 3).to_pylist()
    [1, None, 2]
    """
    keys = rows.column("g").to_numpy()
    place = np.full(count, -1, np.int64)
    if len(keys) and np.bincount(keys).max() > 1:
        # whether a value is known is a sort key of its own: missing ones come first, so they lose
        known = {f"{name}?": _known(rows.column(name)) for name in ("t", "v")}
        by = ["g", "t?", "t", "v?", "v"]
        table = pa.table({name: known[name] if name in known else rows.column(name) for name in by})
        order = pc.sort_indices(table, sort_keys=[(name, "ascending") for name in by]).to_numpy()
        place[keys[order]] = order
    else:
        place[keys] = np.arange(len(keys))
    return pc.if_else(pc.less(pa.array(place), 0), None, pa.array(place))


def _known(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.invert(pc.is_null(values, nan_is_null=True)).cast(pa.int8())
