"""Averages over classes: what several shares of different rows tell together."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from monitor.metrics.estimate import Estimate
from monitor.metrics.intervals import clipped, normal_quantile, wilson_bounds

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Shares:
    """One share per class with its Wilson bounds and the rows it rests on; arrays of shape ``(classes,)``.

    A share of no rows is 0, as scikit-learn counts it in an average, and its bounds are 0 and 1: it could be anything.
    """

    value: Floats
    low: Floats
    high: Floats
    rows: Floats

    @classmethod
    def of(cls, successes: Ints, rows: Ints) -> Shares:
        """Build the shares of these counts.

        Examples
        --------
        >>> shares = Shares.of(np.array([8, 0]), np.array([10, 0]))
        >>> shares.value.tolist(), shares.low.round(2).tolist(), shares.high.round(2).tolist()
        ([0.8, 0.0], [0.49, 0.0], [0.94, 1.0])
        """
        n = rows.astype(np.float64)
        value = successes / np.maximum(n, 1)
        z2 = normal_quantile() ** 2
        centre = (value * n + z2 / 2) / (n + z2)
        half = np.sqrt(z2 * (value * (1 - value) * n + z2 / 4)) / (n + z2)
        return cls(value, np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0), n)


@dataclass(frozen=True, eq=False)
class Covariance:
    """How shares of classes vary together.

    ``variance`` of each, shape ``(classes,)``, and the pairs ``one[k] != other[k]`` that share rows with the covariance
    that these rows bring; a pair may come twice, once each way.
    """

    variance: Floats
    one: Ints
    other: Ints
    shared: Floats

    def of_sum(self, weights: Floats) -> float:
        """Return the variance of a weighted sum of the shares.

        Examples
        --------
        >>> zero, one = np.array([0]), np.array([1])
        >>> Covariance(np.array([1.0, 2.0]), zero, one, np.array([0.5])).of_sum(np.array([1.0, 1.0]))
        4.0
        """
        pairs = self.shared * weights[self.one] * weights[self.other]
        return float(self.variance @ weights**2 + 2 * pairs.sum())


def macro(shares: Shares, n: int, covariance: Covariance | None = None) -> Estimate:
    """Return the plain average of the classes' shares.

    Parameters
    ----------
    shares : Shares
        The classes to average; at least one.
    n : int
        Rows that entered.
    covariance : Covariance, optional
        How the shares vary together; they are independent when not given, as shares of different rows are.

    Returns
    -------
    Estimate
        The interval is the wider of two: one adds the distances of the classes' own bounds as standard errors add,
        which is right where a class has few rows; one is Wilson's at the effective size of the average, which is right
        where many classes are near 0 or 1.

    Notes
    -----
    Source: Zou and Donner, "Construction of confidence limits about effect measures", 2008 (method of variance
    estimates recovery); with correlation: Zou, "Toward using confidence intervals to compare correlations", 2007.
    """
    k = len(shares.value)
    value = float(shares.value.sum()) / k
    reached = _reach(shares, covariance)
    low, high = wilson_bounds(value, _size(shares, value, covariance))
    bounds = min(low, value - reached[0] / k), max(high, value + reached[1] / k)
    return clipped(value, n, bounds, (0.0, 1.0))


def _reach(shares: Shares, covariance: Covariance | None) -> tuple[float, float]:
    """Return how far the sum of the shares reaches down and up, by the bounds of each."""
    down, up = shares.value - shares.low, shares.high - shares.value
    if covariance is None:
        return float(down @ down) ** 0.5, float(up @ up) ** 0.5
    spread = np.sqrt(covariance.variance)
    alone = np.divide(1.0, spread, out=np.zeros(len(spread)), where=spread > 0)  # without spread: goes its own way
    correlated = covariance.shared * alone[covariance.one] * alone[covariance.other]
    correlation = replace(covariance, variance=np.ones(len(spread)), shared=correlated)
    return max(0.0, correlation.of_sum(down)) ** 0.5, max(0.0, correlation.of_sum(up)) ** 0.5


def _size(shares: Shares, value: float, covariance: Covariance | None) -> float:
    """Return the rows of a share as uncertain as the average, by the shares as they are or with two rows more each."""
    k = len(shares.value)
    share = 1 / np.maximum(shares.rows, 1)
    fuller = (shares.value * shares.rows + 1) / (shares.rows + 2)
    mean = float(fuller.sum()) / k
    careful = mean * (1 - mean) * k * k / float((fuller * (1 - fuller) * share).sum())
    alone = shares.value * (1 - shares.value) * share
    spread = float(alone.sum()) if covariance is None else covariance.of_sum(np.ones(k))
    room = value * (1 - value) * k * k
    plain = room / spread if spread > room * 1e-12 else k * k / float(share.sum())
    return min(careful, plain)
