"""Gaps between the shares of many groups, with bounds that hold for all pairs at once.

Every pair of groups has an interval from the two groups' Wilson intervals, at a level that
Bonferroni corrects for the number of pairs; so with the promised probability all of them hold
together, and what follows from them holds too: the gap between extremes is no smaller than the
largest lower bound of any pair and no larger than the largest upper bound. A bootstrap of max − min
has no such right: the largest of several equal groups is never the smallest.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from monitor.metrics.intervals import normal_quantile

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Gap:
    """A difference or ratio of two shares with its bounds."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Shares:
    """Shares of k groups, each of at least one row, and how far each reaches down and up.

    Examples
    --------
    >>> shares = Shares.of([30, 50], [100, 100])
    >>> shares.share.tolist(), shares.down.round(3).tolist(), shares.up.round(3).tolist()
    ([0.3, 0.5], [0.081, 0.096], [0.096, 0.096])
    """

    share: Floats
    down: Floats
    up: Floats

    @classmethod
    def of(cls, counted: list[int], asked: list[int], *, level: float = 0.95, families: int = 1) -> Shares:
        """Build the shares ``counted / asked``.

        ``level`` is the probability that the bounds of all pairs of ``families`` such sets hold
        at once.
        """
        n = np.array(asked, dtype=float)
        share = np.array(counted, dtype=float) / n
        z2 = _reach(level, families * len(asked) * (len(asked) - 1) // 2) ** 2 / n
        centre = (share + z2 / 2) / (1 + z2)
        half = np.sqrt(z2 * share * (1 - share) + z2 * z2 / 4) / (1 + z2)
        down = np.maximum(share - np.maximum(centre - half, 0.0), 0.0)
        return cls(share, down, np.maximum(np.minimum(centre + half, 1.0) - share, 0.0))


@lru_cache(maxsize=256)
def _reach(level: float, pairs: int) -> float:
    return normal_quantile(1 - (1 - level) / max(pairs, 1))


def least_differences(shares: Shares) -> Floats:
    """Return the lower bound of ``share[i] - share[j]`` for every pair.

    Shape ``(k, k)``, 0 on the diagonal; the upper bound of the same difference is minus the entry
    ``[j, i]``. Newcombe's hybrid score interval (Statistics in Medicine 17, 1998, method 10).
    """
    p = shares.share
    spread = np.hypot(shares.down[:, None], shares.up)
    bounds: Floats = p[:, None] - p - spread
    np.fill_diagonal(bounds, 0.0)
    return bounds


def least_ratios(shares: Shares) -> Floats:
    """Return the lower bound of ``share[i] / share[j]`` for every pair.

    Shape ``(k, k)``, 1 on the diagonal; the upper bound of the same ratio is 1 over the entry
    ``[j, i]``, without limit where that is 0. The method of variance estimates recovery from the
    two Wilson intervals (Newcombe, Statistical Methods in Medical Research 25, 2016): it takes no
    logarithm, so a share of 0 is no special case.
    """
    p, down, up = shares.share, shares.down, shares.up
    reach = np.maximum((p[:, None] * up) ** 2 + (p * down[:, None]) ** 2 - (down[:, None] * up) ** 2, 0.0)
    below = p[:, None] * p + np.sqrt(reach)
    above = np.broadcast_to(((p - down) * (p + down))[:, None], below.shape)
    bounds = np.divide(above, below, out=np.zeros_like(below), where=below > 0)
    np.fill_diagonal(bounds, 1.0)
    return bounds


def widest_difference(shares: Shares) -> Gap:
    """Return the largest minus the smallest share.

    Examples
    --------
    >>> gap = widest_difference(Shares.of([30, 50, 45], [100, 100, 100]))
    >>> round(gap.value, 3), round(gap.low, 3), round(gap.high, 3)
    (0.2, 0.034, 0.351)
    """
    bounds = least_differences(shares)
    return Gap(float(np.ptp(shares.share)), float(bounds.max()), float(-bounds.min()))


def smallest_ratio(shares: Shares) -> Gap | None:
    """Return the smallest share over the largest; None when all are 0.

    Examples
    --------
    >>> gap = smallest_ratio(Shares.of([30, 50, 45], [100, 100, 100]))
    >>> round(gap.value, 3), round(gap.low, 3), round(gap.high, 3)
    (0.6, 0.387, 0.919)
    """
    largest = float(shares.share.max())
    if largest == 0:
        return None
    bounds = least_ratios(shares)
    return Gap(float(shares.share.min()) / largest, float(bounds.min()), 1 / float(bounds.max()))


def difference_of_two(shares: Shares) -> Gap:
    """Return the first share minus the second."""
    bounds = least_differences(shares)
    first, second = shares.share.tolist()
    return Gap(first - second, float(bounds[0, 1]), float(-bounds[1, 0]))


def ratio_of_two(shares: Shares) -> Gap | None:
    """Return the first share over the second; None when the second is 0."""
    first, second = shares.share.tolist()
    if second == 0:
        return None
    bounds = least_ratios(shares)
    return Gap(first / second, float(bounds[0, 1]), 1 / float(bounds[1, 0]))
