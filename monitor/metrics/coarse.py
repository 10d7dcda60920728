"""Coarse counts: two histograms over few bins, in which chance alone stays small."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from monitor.profile.bins import CategoricalBins
from monitor.profile.histogram import Histogram

Ints = NDArray[np.int64]

COARSE = 20
_NAMED = COARSE - 3  # beside them the rest, unseen and missing


def coarse(reference: Histogram, current: Histogram) -> tuple[Ints, Ints]:
    """Return rows over about 20 bins: those that the size of drift rests on.

    A number's bins hold about a twentieth of the reference each, missing is one more. For categories these are the 17
    most frequent on both sides together, the rest, unseen, missing. Of the unseen rows so many count to the rest as a
    sample of the reference's own distribution would have: its share of rows that are alone in their category (Good
    1953, Turing), since rare categories turn up without drift too.

    Examples
    --------
    >>> from monitor.profile.freeze import categorical_bins
    >>> bins = categorical_bins({"a": 60, "b": 30, "c": 10, "d": 1, None: 2})
    >>> before = Histogram(bins, bins.mass, np.zeros(len(bins)))
    >>> after = Histogram(bins, np.array([55, 30, 10, 0, 0, 6, 0]), np.zeros(len(bins)))
    >>> [side.tolist() for side in coarse(before, after)]
    [[60, 30, 10, 1, 0, 0, 2], [55, 30, 10, 0, 1, 5, 0]]
    """
    bins = reference.bins
    if isinstance(bins, CategoricalBins):
        both = np.argsort(-(reference.counts + current.counts)[:-3], kind="stable")[:_NAMED]
        alone = alone_share(bins)
        return _categories(reference, both, alone), _categories(current, both, alone)
    return reference.coarse(COARSE), current.coarse(COARSE)


def _categories(histogram: Histogram, named: Ints, alone: float) -> Ints:
    counts = histogram.counts
    new = max(0, int(counts[-2]) - round(alone * histogram.present))
    chosen = counts[named]
    rest = histogram.present - int(chosen.sum()) - new
    return np.append(chosen, (rest, new, counts[-1]))


def alone_share(bins: CategoricalBins) -> float:
    """Return the share of reference rows that are alone in their category; no category of other has more than two."""
    present = int(bins.mass[:-1].sum())
    alone = int((bins.mass[:-3] == 1).sum()) + max(0, 2 * len(bins.known) - int(bins.mass[-3]))
    return alone / present if present else 0.0
