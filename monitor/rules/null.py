"""The null: one column's two histograms beside what chance alone would show at these numbers of rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.metrics.chance import expected_largest_gap, expected_total_variation
from monitor.metrics.coarse import coarse
from monitor.metrics.cumulative import largest_gap
from monitor.metrics.drift.drift_pvalue import gap_pvalue
from monitor.metrics.homogeneity import chi_square, chi_square_tail, fold_neighbours, fold_rare
from monitor.profile.bins import NumericBins
from monitor.profile.histogram import Histogram
from monitor.rules.gap import Gap, variation_shape

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Look:
    """What both sides of one column show: the p-value and the gaps, the plain sizes beside them."""

    p_value: float
    gaps: tuple[Gap, ...]
    n: int
    n_reference: int


def look(reference: Histogram, current: Histogram) -> Look | None:
    """Return what one column shows; None when either side has no rows.

    ``p_value`` is ``drift_pvalue``; the greatest effect of the gaps is ``drift_effect``.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.freeze import numeric_bins
    >>> bins = numeric_bins(np.array([1.0, 2.0]))
    >>> before = Histogram(bins, np.array([0, 500, 0, 500, 0, 0]), np.zeros(6))
    >>> after = Histogram(bins, np.array([0, 500, 0, 300, 0, 200]), np.zeros(6))
    >>> [(gap.name, round(gap.effect, 3)) for gap in look(before, after).gaps]
    [('total_variation_distance', 0.177), ('kolmogorov_smirnov_statistic', 0.106)]
    """
    m, n = reference.n, current.n
    if not m or not n:
        return None
    before, now = coarse(reference, current)
    gaps = [_variation(before, now, m, n)]
    if not isinstance(reference.bins, NumericBins):
        return Look(_tail(*fold_rare(reference.counts, current.counts)), tuple(gaps), n, m)
    p_value = _tail(*fold_neighbours(before, now))
    present, here = m - int(reference.counts[-1]), n - int(current.counts[-1])
    if present and here:
        value = largest_gap(reference, current)
        chance = expected_largest_gap(reference.counts[:-1], current.counts[:-1])
        gaps.append(Gap("kolmogorov_smirnov_statistic", value, chance, 1 / present + 1 / here))
        p_value = min(p_value, gap_pvalue(value, present, here))
    return Look(min(1.0, 2 * p_value), tuple(gaps), n, m)


def _tail(before: Ints, now: Ints) -> float:
    test = chi_square(before, now) or (0.0, 0)
    return chi_square_tail(*test)


def _variation(before: Ints, now: Ints, m: int, n: int) -> Gap:
    value = float(np.abs(before / m - now / n).sum()) / 2
    chance = expected_total_variation(before, now)
    return Gap("total_variation_distance", value, chance, 1 / m + 1 / n, variation_shape(before + now))
