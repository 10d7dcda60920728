"""Folding fine bins into few of near-equal reference mass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def fold_numeric(mass: Ints, points: NDArray[np.bool_], k: int) -> Ints:
    """Return the coarse bin of every fine bin of a numeric column; the last, missing, stays on its own.

    Fine bins keep their order. A point bin that holds at least ``1/k`` of the reference mass stands alone; the
    stretches between are cut where the running mass passes a multiple of ``1/k``. Underflow and overflow join the
    end bins, unless that neighbour is a point bin: then they stand alone, so that a moved constant is seen.

    Parameters
    ----------
    mass : int64 array, shape (bins,)
        Reference rows per fine bin: underflow, inner, overflow, missing.
    points : bool array, shape (bins,)
        Which bins hold one single value.

    Examples
    --------
    >>> fold_numeric(np.array([0, 5, 5, 5, 5, 0, 9]), np.zeros(7, bool), 2)
    array([0, 0, 0, 1, 1, 1, 2])
    >>> fold_numeric(np.array([0, 20, 0, 0]), np.array([False, True, False, False]), 10)
    array([0, 1, 2, 3])
    """
    inner = mass[:-1]
    total = inner.sum()
    alone = points[:-1] & (inner * k >= total) if total else points[:-1]
    alone = alone & (inner > 0)
    begins = alone | np.r_[False, alone[:-1]]  # a stretch begins at and after each bin that stands alone
    if len(begins) > 2:
        begins[1] |= points[1]
        begins[-1] |= points[-3]
    stretch = np.cumsum(begins)
    coarse = stretch.astype(np.float64)
    for label in np.unique(stretch):
        rows = np.flatnonzero(stretch == label)
        coarse[rows] += _cut(inner[rows], total, k)
    _, dense = np.unique(coarse, return_inverse=True)
    return np.append(dense, dense.max(initial=-1) + 1).astype(np.int64)


def _cut(mass: Ints, total: int, k: int) -> NDArray[np.float64]:
    """Return for the bins of one stretch a fraction in [0, 1) that grows from piece to piece."""
    held = mass.sum()
    pieces = max(1, round(held * k / total)) if total else 1
    if pieces == 1 or not held:
        return np.zeros(len(mass))
    middle = np.cumsum(mass) - mass / 2  # a bin goes where its middle lies
    piece: NDArray[np.float64] = np.minimum(np.floor(middle * pieces / held), pieces - 1)
    return piece / pieces
