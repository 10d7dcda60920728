"""The null: one column's two histograms beside what chance alone would show at these numbers of rows."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.metrics.chance import expected_largest_gap, expected_total_variation
from monitor.metrics.coarse import coarse
from monitor.metrics.cumulative import largest_gap
from monitor.metrics.drift.drift_pvalue import drift_pvalue
from monitor.metrics.drift.total_variation_distance import total_variation_distance
from monitor.profile.bins import NumericBins
from monitor.profile.histogram import Histogram
from monitor.rules.gap import Gap, variation_shape


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
    p_value = drift_pvalue(reference, current).value
    if p_value is None:
        return None
    gaps = [_variation(reference, current)]
    if isinstance(reference.bins, NumericBins) and reference.present and current.present:
        chance = expected_largest_gap(reference.counts[:-1], current.counts[:-1])
        noise = 1 / reference.present + 1 / current.present
        gaps.append(Gap("kolmogorov_smirnov_statistic", largest_gap(reference, current), chance, noise))
    return Look(p_value, tuple(gaps), current.n, reference.n)


def _variation(reference: Histogram, current: Histogram) -> Gap:
    before, now = coarse(reference, current)
    value = total_variation_distance(before, now) or 0.0
    chance = expected_total_variation(before, now)
    noise = 1 / reference.n + 1 / current.n
    return Gap("total_variation_distance", value, chance, noise, variation_shape(before + now))
