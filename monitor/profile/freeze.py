"""Freezing: the reference's values become the bins that everything later is counted over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from monitor.domain.category import category_hash
from monitor.profile.ascending import ascending
from monitor.profile.bins import BEYOND, CategoricalBins, Floats, NumericBins

DISTINCT = 512  # up to this many reference values each gets a bin of its own
QUANTILES = 1024
CATEGORIES = 1000
EQUAL_WIDTH = 1000  # pieces of [0, 1] that score bins are cut at too


def numeric_bins(values: Floats, *, score: bool = False, extremes: tuple[float, float] | None = None) -> NumericBins:
    """Freeze the bins of a numeric column from its reference values.

    Up to 512 distinct values: a point bin for every value and a gap bin between neighbours, so that distribution
    functions are exact. Otherwise up to 1024 half-open quantile bins, where every value holding at least 1/1024 of
    the rows is a point bin with its gaps. Scores that all lie in [0, 1] are also cut at 999 equal steps. NaN, ±Inf
    and values beyond 1e100 are left out.

    Parameters
    ----------
    values : float64 array, shape (n,)
        Reference values, any order; NaN for missing.
    score : bool
        Whether they are scores.
    extremes : pair of float, optional
        The least and the greatest value of the whole reference, when ``values`` are a sample of it.

    Examples
    --------
    >>> bins = numeric_bins(np.array([1.0, 1.0, 3.0]))
    >>> len(bins), bins.locate(np.array([0.0, 1.0, 2.0, 3.0, 4.0, np.nan])).tolist()
    (6, [0, 1, 2, 3, 4, 5])
    """
    missing = np.isnan(values)
    present = ascending(values[~missing] if missing.any() else values)
    present += 0.0  # no negative zeros: the bins of the same values are the same
    finite = present[np.searchsorted(present, -BEYOND) : np.searchsorted(present, BEYOND, side="right")]
    low, high = extremes or ((finite[0], finite[-1]) if len(finite) else (0.0, 0.0))
    edges = _edges(finite, low, high)
    if score and len(finite) and low >= 0 and high <= 1:
        edges = np.union1d(edges, np.arange(1, EQUAL_WIDTH) / EQUAL_WIDTH)
    centre = float(finite.mean()) if len(finite) else 0.0
    deviation = float(finite.std(ddof=1)) if len(finite) > 1 and finite[0] < finite[-1] else 0.0
    mass = np.diff(np.r_[0, np.searchsorted(present, edges), len(present), len(values)])
    return NumericBins(edges, centre, deviation, mass.astype(np.int64))


def categorical_bins(counts: Mapping[str | None, int], expected: Iterable[str] = ()) -> CategoricalBins:
    """Freeze the bins of a categorical column: its 1000 most frequent values, ties by name, and hashes of the rest.

    ``expected`` values have bins even if the reference does not hold them yet, as classes whose ground truth is late.

    Examples
    --------
    >>> bins = categorical_bins({"b": 2, "a": 1, None: 1})
    >>> bins.categories, bins.mass.tolist()
    (('b', 'a'), [2, 1, 0, 0, 1])
    """
    found = dict.fromkeys(expected, 0) | {text: n for text, n in counts.items() if n and text is not None}
    order = sorted(found, key=lambda text: (-found[text], text))
    named, rest = order[:CATEGORIES], order[CATEGORIES:]
    known = np.array(sorted(category_hash(text) for text in rest), dtype=np.uint64)
    mass = [*(found[text] for text in named), sum(found[text] for text in rest), 0, counts.get(None, 0)]
    return CategoricalBins(tuple(named), known, np.array(mass, dtype=np.int64))


def _edges(finite: Floats, low: float, high: float) -> Floats:
    """Return the edges for sorted finite values of a column that reaches from ``low`` to ``high``."""
    if not len(finite):
        return np.zeros(0)
    first = np.flatnonzero(np.r_[True, finite[1:] != finite[:-1]])
    distinct = finite[first]
    if len(distinct) <= DISTINCT:
        heavy, cuts = distinct, distinct[:0]
    else:
        rows = np.diff(np.append(first, len(finite)))
        heavy = distinct[rows * QUANTILES >= len(finite)]
        cuts = finite[np.arange(QUANTILES) * len(finite) // QUANTILES]
    ends = np.array([low, np.nextafter(high, np.inf)])
    return np.unique(np.concatenate([heavy, np.nextafter(heavy, np.inf), cuts, ends]))
