"""Average precision."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.means import effective
from monitor.metrics.reasons import NO_POSITIVE_TARGETS, NO_SCORED_TARGET
from monitor.metrics.registry import metric
from monitor.profile.scores import Scores

Floats = NDArray[np.float64]


@metric(
    kind="performance",
    reads="scores",
    unit="share",
    worse="lower",
    tasks=("binary",),
    ideal=1.0,
    limits=(0.0, 1.0),
)
def average_precision(scores: Scores) -> Estimate:
    """Precision averaged over the positive rows, from the highest score down.

    For every score that occurs, the precision among the rows at or above it, weighted by the positive rows that have
    it: a sum of steps, as scikit-learn's, not an area by straight lines. Scores that know nothing have the base rate.

    Parameters
    ----------
    scores : Scores
        Rows of one group by score bin, shape ``(bins,)``, split by what came true.

    Returns
    -------
    Estimate
        From 0 to 1; ``n`` counts the rows with a score and ground truth. Undefined without positive ones.

    Notes
    -----
    Rows in one bin count as equal: exact for bins of one value. The variance is the infinitesimal jackknife's from
    counts, the interval Wilson's at the effective size, which few positive rows cap. Below ten positive rows the value
    itself leans upwards. Source: Efron, "Nonparametric standard errors and confidence intervals", 1981, for the
    variance.

    Examples
    --------
    >>> from monitor.profile.scores import Scores
    >>> positive, negative = np.array([1, 4, 5, 30]), np.array([40, 10, 7, 3])
    >>> none, exact = np.zeros(4, dtype=np.int64), np.ones(4, dtype=bool)
    >>> view = Scores(positive, negative, none, exact, 0.0, 0.0, 0.0, 0.0, np.zeros((3, 10)), probabilities=True)
    >>> e = average_precision(view)
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.855, 0.726, 0.929, 100)
    """
    n = scores.n
    positive = scores.positive[::-1].astype(np.float64)
    positives = float(positive.sum())
    if not positives:
        return undefined(NO_POSITIVE_TARGETS if n else NO_SCORED_TARGET, n)
    selected = np.cumsum(positive + scores.negative[::-1])
    share = 1 / np.maximum(selected, 1)  # nothing is selected only where no row has come yet
    precision = np.cumsum(positive) * share
    value = float(positive @ precision) / positives
    variance = _variance(positive, scores.negative[::-1], precision, share)
    return effective(value, variance, (positives, positives * (1 + positives / 25)), n=n)


def _variance(positive: Floats, negative: NDArray[np.int64], precision: Floats, share: Floats) -> float:
    """Sum over rows the square of what one more such row would change."""
    positives = float(positive.sum())
    diluted = _after(positive * precision * share)
    raised = precision + _after(positive * share) - diluted - float(positive @ precision) / positives
    return float(positive @ raised**2 + negative @ diluted**2) / positives**2


def _after(values: Floats) -> Floats:
    """Return for every bin the sum over it and all bins of lower scores, which come after it."""
    sums: Floats = np.cumsum(values[::-1])[::-1]
    return sums
