"""Size of a column's drift."""

from __future__ import annotations

from monitor.metrics.absence import absent
from monitor.metrics.chance import expected_largest_gap, expected_total_variation
from monitor.metrics.coarse import coarse
from monitor.metrics.cumulative import largest_gap
from monitor.metrics.drift.total_variation_distance import total_variation_distance
from monitor.metrics.estimate import Estimate
from monitor.metrics.registry import metric
from monitor.profile.bins import NumericBins
from monitor.profile.histogram import Histogram


@metric(kind="drift", reads="column", unit="share", worse="higher", ideal=0.0, limits=(0.0, 1.0))
def drift_effect(reference: Histogram, current: Histogram) -> Estimate:
    """Share of the rows that have moved, less what chance alone would move.

    For a number the greater of the Kolmogorov-Smirnov statistic and the total variation distance over 20 coarse bins,
    missing included, each less its mean if nothing had changed, at these numbers of rows. For categories the total
    variation distance over the 17 most frequent ones, the rest, unseen and missing, less its mean; as many unseen
    rows as rare categories bring without drift count to the rest.

    Parameters
    ----------
    reference, current : Histogram
        Of one column, over the same bins.

    Returns
    -------
    Estimate
        From 0 to 1; ``n`` is the current rows. Undefined when either side has no rows.

    Raises
    ------
    LayoutError
        The two were counted over different bins.

    Notes
    -----
    0.05 is about a shift by 0.13 standard deviations, or 5 % of the rows moved. It says how much, not how surely:
    ``drift_pvalue`` stands beside it. Of a true effect it shows less, the fewer the rows: of 0.08 about 0.05 at 100
    to 200 rows, 0.06 at 1000, 0.07 at 10 000. The means are those of ``monitor.metrics.chance``.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.freeze import numeric_bins
    >>> bins = numeric_bins(np.array([1.0, 2.0]))
    >>> before = Histogram(bins, np.array([0, 500, 0, 500, 0, 0]), np.zeros(6))
    >>> after = Histogram(bins, np.array([0, 500, 0, 300, 0, 200]), np.zeros(6))
    >>> round(drift_effect(before, after).value, 3), drift_effect(before, before).value
    (0.177, 0.0)
    """
    reference.check(current)
    nothing = absent(reference.n, current.n)
    if nothing:
        return nothing
    before, now = coarse(reference, current)
    moved = (total_variation_distance(before, now) or 0.0) - expected_total_variation(before, now)
    if isinstance(reference.bins, NumericBins) and reference.present and current.present:
        chance = expected_largest_gap(reference.counts[:-1], current.counts[:-1])
        moved = max(moved, largest_gap(reference, current) - chance)
    return Estimate(max(0.0, moved), n=current.n)
