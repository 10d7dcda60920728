"""Cramér's V."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from monitor.metrics.homogeneity import chi_square
from monitor.metrics.registry import metric


@metric(kind="drift", reads="coarse20", unit="", worse="higher", ideal=0.0, limits=(0.0, 1.0))
def cramers_v(reference: NDArray[np.int64], current: NDArray[np.int64]) -> float | None:
    """Cramér's V between a row's bin and its side, corrected for bias.

    How well one can tell from a row's bin whether it is a reference or a current row. The chi-square statistic per row,
    less what chance alone gives, scaled to end at 1.

    Parameters
    ----------
    reference, current : int64 array, shape (bins,)
        Rows per bin, the same bins in the same order: about 20 of equal reference mass for a number, missing included.

    Returns
    -------
    float or None
        From 0, no relation, to 1. None when either side has no rows.

    Raises
    ------
    ShapeError
        The two histograms differ in shape.

    Notes
    -----
    A complete change is 1 whatever the numbers of rows; a partial one reads the smaller the less equal these are.
    Source: Bergsma, "A bias-correction for Cramér's V and Tschuprow's T", 2013.

    Examples
    --------
    >>> round(cramers_v(np.array([500, 500]), np.array([700, 300])), 3)
    0.203
    """
    result = chi_square(reference, current)
    if result is None:
        return None
    statistic, freedom = result
    rows = int(reference.sum() + current.sum())
    excess = statistic / rows - freedom / (rows - 1)
    scale = min(1 - 1 / (rows - 1), freedom - freedom**2 / (rows - 1))
    return min(1.0, sqrt(excess / scale)) if excess > 0 and scale > 0 else 0.0
