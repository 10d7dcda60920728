"""Significance of a column's drift."""

from __future__ import annotations

from math import exp, lgamma

from monitor.metrics.absence import absent
from monitor.metrics.coarse import COARSE
from monitor.metrics.cumulative import largest_gap
from monitor.metrics.estimate import Estimate
from monitor.metrics.homogeneity import chi_square, chi_square_tail, fold_neighbours, fold_rare
from monitor.metrics.kolmogorov import survival
from monitor.metrics.registry import metric
from monitor.profile.bins import NumericBins
from monitor.profile.histogram import Histogram


@metric(kind="drift", reads="column", unit="probability", worse="lower", ideal=1.0, limits=(0.0, 1.0))
def drift_pvalue(reference: Histogram, current: Histogram) -> Estimate:
    """Probability of so strong a sign of drift if nothing has changed.

    For a number twice the smaller of two p-values, at most 1: the Kolmogorov-Smirnov test over rows with a value, and
    the chi-square test of homogeneity over about 20 coarse bins with missing, neighbours joined until the smaller
    side is expected to have 5 rows in each. For categories the chi-square test over all of them, those in which the
    smaller side is expected to have fewer than 5 rows joined into one with the unseen.

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
    Right or too large at any number of rows, so that alarms stay within their budget. It says how surely, not how
    much: at a million rows every column differs. ``drift_effect`` stands beside it.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.freeze import numeric_bins
    >>> bins = numeric_bins(np.array([1.0, 2.0]))
    >>> before = Histogram(bins, np.array([0, 500, 0, 500, 0, 0]), np.zeros(6))
    >>> after = Histogram(bins, np.array([0, 60, 0, 40, 0, 0]), np.zeros(6))
    >>> round(drift_pvalue(before, after).value, 3), drift_pvalue(before, before).value
    (0.113, 1.0)
    """
    reference.check(current)
    nothing = absent(reference.n, current.n)
    if nothing:
        return nothing
    if not isinstance(reference.bins, NumericBins):
        test = chi_square(*fold_rare(reference.counts, current.counts)) or (0.0, 0)
        return Estimate(chi_square_tail(*test), n=current.n)
    test = chi_square(*fold_neighbours(reference.coarse(COARSE), current.coarse(COARSE))) or (0.0, 0)
    gap = largest_gap(reference, current) if reference.present and current.present else 0.0
    p_gap = gap_pvalue(gap, reference.present, current.present)
    return Estimate(min(1.0, 2 * min(chi_square_tail(*test), p_gap)), n=current.n)


def gap_pvalue(gap: float, m: int, n: int) -> float:
    """Return the p-value of the largest gap between samples of these sizes, never below the least they can reach.

    Examples
    --------
    >>> round(gap_pvalue(0.1, 100, 100), 2), gap_pvalue(0.5, 0, 10)
    (0.66, 1.0)
    """
    if not m or not n:
        return 1.0
    least = min(1.0, 2 * exp(lgamma(m + 1) + lgamma(n + 1) - lgamma(m + n + 1)))
    return max(least, survival(gap, max(1, round(m * n / (m + n)))))
