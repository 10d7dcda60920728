"""Averages over classes: what several shares of different rows tell together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.metrics.estimate import Estimate
from monitor.metrics.intervals import clipped, normal_quantile

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Shares:
    """One share per class with its Wilson bounds; arrays of shape ``(classes,)``.

    A share of no rows is 0, as scikit-learn counts it in an average, and its bounds are 0 and 1: it could be anything.
    """

    value: Floats
    low: Floats
    high: Floats

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
        return cls(value, np.clip(centre - half, 0.0, value), np.clip(centre + half, value, 1.0))


def macro(shares: Shares, n: int, correlation: Floats | None = None) -> Estimate:
    """Return the plain average of the classes' shares.

    Parameters
    ----------
    shares : Shares
        The classes to average; at least one.
    n : int
        Rows that entered.
    correlation : float64 array, shape (classes, classes), optional
        Correlation of the shares; they are independent when not given, as shares of different rows are.

    Returns
    -------
    Estimate
        The bounds add the distances of the classes' own bounds as standard errors add.

    Notes
    -----
    Source: Zou and Donner, "Construction of confidence limits about effect measures", 2008 (method of variance
    estimates recovery); with correlation: Zou, "Toward using confidence intervals to compare correlations", 2007.
    """
    k = len(shares.value)
    value = float(shares.value.sum()) / k
    down, up = shares.value - shares.low, shares.high - shares.value
    if correlation is None:
        below, above = float(down @ down), float(up @ up)
    else:
        below, above = float(down @ correlation @ down), float(up @ correlation @ up)
    bounds = (value - max(0.0, below) ** 0.5 / k, value + max(0.0, above) ** 0.5 / k)
    return clipped(value, n, bounds, (0.0, 1.0))
