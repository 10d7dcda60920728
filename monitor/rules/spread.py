"""Spread: how far the windows of a healthy system lie from one another beyond chance."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

LEAST = 4  # blocks of windows: fewer show no spread


@dataclass(frozen=True, slots=True)
class Spread:
    """The spread of one statistic over blocks of reference windows: its variance, and the degrees of freedom behind it.

    Examples
    --------
    >>> round(Spread(0.01, 20.0).reach(0.001), 3)
    0.385
    """

    variance: float
    freedom: float

    def reach(self, level: float) -> float:
        """Return how far ordinary life alone takes a window with this probability: Student's, on either side."""
        if not self.variance:
            return 0.0
        return float(stdtrit(self.freedom, 1 - level / 2)) * sqrt(self.variance)


def spread_of(gaps: Floats, noise: Floats, square: float) -> Spread | None:
    """Return the spread that left-out blocks show beyond chance; None below 4 blocks.

    ``variance`` is the mean of the squared gaps less their mean square by chance, at least 0; ``freedom`` is
    ``blocks (1 - r) / (1 + r) - 1``, at least 1, with ``r`` the correlation of neighbouring gaps, at least 0.

    Parameters
    ----------
    gaps : float array, shape (blocks,)
        The statistic of each block beside the rest of the reference, oldest first.
    noise : float array, shape (blocks,)
        ``1/n + 1/N`` of each.
    square : float
        Mean square of the statistic by chance for a noise of 1.

    Examples
    --------
    >>> spread_of(np.array([0.3, 0.1, 0.3, 0.1]), np.full(4, 0.01), 1.0)
    Spread(variance=0.04, freedom=3.0)
    """
    if len(gaps) < LEAST:
        return None
    variance = float((gaps * gaps - square * noise).mean())
    apart = gaps - gaps.mean()
    total = float(apart @ apart)
    r = max(0.0, float(apart[1:] @ apart[:-1]) / total) if total > 0 else 0.0
    return Spread(round(max(0.0, variance), 12), max(1.0, len(gaps) * (1 - r) / (1 + r) - 1))


def largest_gaps(blocks: Ints, rests: Ints) -> Floats:
    """Return the Kolmogorov-Smirnov statistic of each block beside its rest; shape ``(blocks, bins)`` each.

    Examples
    --------
    >>> largest_gaps(np.array([[1, 3], [2, 2]]), np.array([[1, 1], [1, 1]])).tolist()
    [0.25, 0.0]
    """
    apart = np.cumsum(blocks, axis=1) / blocks.sum(axis=1, keepdims=True)
    apart -= np.cumsum(rests, axis=1) / rests.sum(axis=1, keepdims=True)
    found: Floats = np.abs(apart).max(axis=1)
    return found


def variations(blocks: Ints, rests: Ints) -> Floats:
    """Return the total variation distance of each block from its rest; shape ``(blocks, bins)`` each.

    Examples
    --------
    >>> variations(np.array([[1, 3], [2, 2]]), np.array([[1, 1], [1, 1]])).tolist()
    [0.25, 0.0]
    """
    apart = blocks / blocks.sum(axis=1, keepdims=True) - rests / rests.sum(axis=1, keepdims=True)
    found: Floats = np.abs(apart).sum(axis=1) / 2
    return found
