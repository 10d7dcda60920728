"""Shares: two histograms over the same bins as parts of their rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from monitor.errors import ShapeError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def shares(reference: Ints, current: Ints, added: float = 0.0) -> tuple[Floats, Floats] | None:
    """Return the shares of reference and current rows per bin, over the bins that are not empty on both sides.

    Parameters
    ----------
    reference, current : int64 array, shape (bins,)
        Rows per bin, the same bins in the same order.
    added : float
        Rows added to each of those bins, so that none is empty.

    Returns
    -------
    tuple of float64 arrays, shape (bins seen,), or None
        None when either side has no rows.

    Raises
    ------
    ShapeError
        The two histograms differ in shape.

    Examples
    --------
    >>> shares(np.array([1, 3, 0]), np.array([1, 1, 0]))
    (array([0.25, 0.75]), array([0.5, 0.5]))
    """
    if reference.shape != current.shape:
        raise ShapeError(f"reference has shape {reference.shape}, current {current.shape}")
    seen = (reference + current) > 0
    p, q = reference[seen] + added, current[seen] + added
    if not reference.any() or not current.any():
        return None
    return p / p.sum(), q / q.sum()
