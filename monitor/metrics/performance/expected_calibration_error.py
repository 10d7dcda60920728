"""Expected calibration error."""

from __future__ import annotations

from math import erf, exp, pi, sqrt

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.intervals import clipped, normal_quantile
from monitor.metrics.reasons import NO_PROBABILITIES, NO_SCORED_TARGET
from monitor.metrics.registry import metric
from monitor.profile.scores import Scores


@metric(
    kind="performance",
    reads="scores",
    unit="probability",
    worse="higher",
    tasks=("binary",),
    ideal=0.0,
    limits=(0.0, 1.0),
)
def expected_calibration_error(scores: Scores) -> Estimate:
    """Average distance between the score and the share that came true.

    Over ten equal-width bins of the score, the distance between the mean score and the share of positive rows,
    weighted by the rows in the bin.

    Parameters
    ----------
    scores : Scores
        Rows of one group, with their calibration sums, shape ``(3, 10)``.

    Returns
    -------
    Estimate
        From 0 to 1; ``n`` counts the rows with a score and ground truth. Undefined without such rows, and
        for scores that are not probabilities.

    Notes
    -----
    Distances cannot be negative, so chance alone gives a perfect model about ``0.8 * sqrt(10 * p * (1 - p) / n)``
    where all bins are full. The interval takes the most that chance can have added off its lower bound, and so reaches
    far down at few rows. Source: Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using
    Bayesian binning", 2015.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.scores import Scores
    >>> calibration = np.zeros((3, 10))
    >>> calibration[:, 2] = 55, 10, 55 * 0.2
    >>> calibration[:, 6] = 45, 30, 45 * 0.6
    >>> positive, negative = np.array([10, 30]), np.array([45, 15])
    >>> none, exact = np.zeros(2, dtype=np.int64), np.ones(2, dtype=bool)
    >>> view = Scores(positive, negative, none, exact, 38.0, 18.4, 18.4, 6.88, calibration, probabilities=True)
    >>> e = expected_calibration_error(view)
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.04, 0.0, 0.125, 100)
    """
    n = int(scores.calibration[0].sum())
    if not scores.n:
        return undefined(NO_SCORED_TARGET)
    if not scores.probabilities or not n:
        return undefined(NO_PROBABILITIES, scores.n)
    distance = chance = spread = 0.0
    for rows, positive, total in zip(*scores.calibration.tolist(), strict=True):
        if rows:
            share = (positive + 1) / (rows + 2)
            noise = sqrt(rows * share * (1 - share))
            distance += abs(positive - total)
            chance += _inflation(abs(positive - total), noise)
            spread += noise * noise
    value = distance / n
    variance = max(spread / n, scores.squared_error / n - value * value) / n
    half = normal_quantile() * sqrt(variance)
    return clipped(value, n, (value - chance / n - half, value + half), (0.0, 1.0))


def _inflation(distance: float, noise: float) -> float:
    """Return the most that chance adds to a distance on average, among the true distances that this one allows."""
    true = max(0.0, distance / noise - normal_quantile())
    return noise * (sqrt(2 / pi) * exp(-true * true / 2) - true * (1 - erf(true / sqrt(2))))
