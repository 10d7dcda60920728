"""Coarse counts: a histogram over few bins, in which chance alone stays small."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from monitor.profile.bins import NumericBins
from monitor.profile.histogram import Histogram

Ints = NDArray[np.int64]

COARSE = 20
_NAMED = COARSE - 3  # beside them the rest, unseen and missing


def coarse(histogram: Histogram) -> Ints:
    """Return rows over about 20 bins: those that the size and the significance of drift rest on.

    A number's bins hold about a twentieth of the reference each, missing is one more; for categories these are the 17
    most frequent of the reference, the rest as one, unseen, missing.

    Examples
    --------
    >>> from monitor.profile.freeze import categorical_bins
    >>> bins = categorical_bins({f"c{i:02}": 2 for i in range(30)})
    >>> coarse(Histogram(bins, bins.mass, np.zeros(len(bins)))).tolist()
    [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 26, 0, 0]
    """
    counts = histogram.counts
    if isinstance(histogram.bins, NumericBins):
        fold = _fold(histogram.bins)
        return np.bincount(fold, counts, int(fold[-1]) + 1).astype(np.int64)
    if len(counts) <= COARSE:
        return counts
    return np.concatenate((counts[:_NAMED], [counts[_NAMED:-2].sum()], counts[-2:]))


@lru_cache(maxsize=1024)
def _fold(bins: NumericBins) -> Ints:
    return bins.fold(COARSE)
