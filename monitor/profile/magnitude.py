"""Magnitudes: logarithmic bins for sizes from 0 up, right within 0.1 %, the same for every model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

GROWTH = np.log(1.002)
_LOW, _HIGH = 1e-100, 1e100
BINS = int(np.ceil(np.log(_HIGH / _LOW) / GROWTH)) + 2


def magnitude(sizes: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the bin of each size: 0 for zero, else one of bins that each reach 0.2 % higher.

    Sizes below 1e-100 count as 0, above 1e100 as 1e100. Source: the relative-error histogram of DDSketch, Masson et
    al., 2019.

    Examples
    --------
    >>> bins = magnitude(np.array([0.0, 1.0, 250.0]))
    >>> np.round(middle(bins), 1).tolist()
    [0.0, 1.0, 249.8]
    """
    clipped = np.clip(sizes, _LOW, _HIGH)
    return np.where(sizes < _LOW, 0, 1 + np.floor(np.log(clipped / _LOW) / GROWTH)).astype(np.int64)


def middle(bins: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the size that stands for each bin: its geometric middle, 0 for bin 0."""
    return np.where(bins == 0, 0.0, _LOW * np.exp((bins - 0.5) * GROWTH))
