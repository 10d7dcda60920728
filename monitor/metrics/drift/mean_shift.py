"""Shift of the mean."""

from __future__ import annotations

from math import sqrt

from monitor.metrics.absence import NO_SPREAD, absent
from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.intervals import clipped
from monitor.metrics.means import student_quantile
from monitor.metrics.registry import metric
from monitor.profile.histogram import Histogram


@metric(kind="drift", reads="column", columns="numeric", unit="sd", worse="farther", ideal=0.0)
def mean_shift(reference: Histogram, current: Histogram) -> Estimate:
    """How far the mean has moved, in standard deviations of the reference.

    The current mean less the reference mean, divided by the reference's sample standard deviation. Over finite values
    within 1e100 of the reference mean.

    Parameters
    ----------
    reference, current : Histogram
        Of one numeric column, over the same bins.

    Returns
    -------
    Estimate
        In standard deviations, with sign; ``n`` is the current rows with a finite value. Undefined when either side has
        none, and when the reference is constant.

    Raises
    ------
    LayoutError
        The two were counted over different bins.

    Notes
    -----
    The interval is Welch's, for unequal variances, with what the reference's standard deviation is itself uncertain
    by added; a single current row is taken to scatter as the reference does.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.freeze import numeric_bins
    >>> bins = numeric_bins(np.array([1.0, 3.0]))
    >>> before = Histogram(bins, np.array([0, 50, 0, 50, 0, 0]), np.zeros(6), 100, 0.0, 100.0, 1.0, 3.0)
    >>> after = Histogram(bins, np.array([0, 20, 0, 80, 0, 0]), np.zeros(6), 100, 60.0, 100.0, 1.0, 3.0)
    >>> shift = mean_shift(before, after)
    >>> round(shift.value, 3), round(shift.low, 3), round(shift.high, 3)
    (0.597, 0.331, 0.863)
    """
    reference.check(current)
    m, n = reference.finite, current.finite
    nothing = absent(m, n, "finite value")
    if nothing:
        return nothing
    variance = reference.variance
    if not variance:
        return undefined(NO_SPREAD, n)
    shift = (current.first / n - reference.first / m) / sqrt(variance)
    half = _half(shift, m, n, 1.0 if current.variance is None else current.variance / variance)
    return clipped(shift, n, (shift - half, shift + half))


def _half(shift: float, m: int, n: int, ratio: float) -> float:
    """Return half the interval's length; ``ratio`` is the current variance over the reference's."""
    ours, theirs = ratio / n, 1 / m
    part = 1 / (1 + theirs / ours) if ours else 0.0
    freedom = 1 / (part**2 / max(1, n - 1) + (1 - part) ** 2 / max(1, m - 1))
    scale = shift * shift / (2 * m)
    return student_quantile(max(1, int(freedom))) * sqrt(ours + theirs + scale)
