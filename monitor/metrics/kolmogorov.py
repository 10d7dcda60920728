"""The Kolmogorov distribution: how probable a largest gap between two distribution functions is by chance."""

from __future__ import annotations

from functools import lru_cache
from math import ceil, exp, lgamma, log, pi, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

_EXACT = 140  # below, the exact distribution is cheap; above, the expansion is good to 1e-9
_NEAR = 5_000  # up to here the expansion is not good enough close to zero
_TAIL = 2_000  # up to here the exact tail costs no more than 0.1 milliseconds


@lru_cache(maxsize=4096)
def survival(gap: float, n: int) -> float:
    """Return the probability that ``n`` rows show a largest gap of at least ``gap`` from their own distribution.

    As ``scipy.stats.kstwo.sf(gap, n)`` within 2e-8 (1e-12 up to 2000 rows), without the second that importing
    ``scipy.stats`` takes, and in under 0.1 instead of up to 100 milliseconds.

    Notes
    -----
    Exact by Durbin's matrix, or as twice the one-sided tail; for many rows the expansion of Pelz and Good (1976), far
    out the one of Smirnov (1944). The cuts follow Simard and L'Ecuyer, "Computing the two-sided Kolmogorov-Smirnov
    distribution", 2011.

    Examples
    --------
    >>> round(survival(0.0428, 1000), 4)
    0.0498
    """
    z2 = n * gap * gap
    if gap <= 0 or n * gap <= 0.5:
        return 1.0
    if gap >= 1 or z2 > 370:
        return 0.0
    if gap >= 0.5 or n * (1 - gap) <= 1 or z2 >= (4 if n <= _EXACT else 2.2):
        return _tail(gap, n)
    if n <= _EXACT or (n <= _NEAR and n * gap**1.5 <= 1.4):
        return min(1.0, max(0.0, 1 - _durbin(gap, n)))
    return min(1.0, max(0.0, _pelz_good(gap, n)))


def _tail(gap: float, n: int) -> float:
    """Return twice the one-sided probability; both sides at once are too improbable to matter here."""
    z2 = n * gap * gap
    if n <= _TAIL or gap >= 0.5:
        return min(1.0, 2 * _one_sided(gap, n))
    if z2 < 9:
        return _pelz_good(gap, n)
    return 2 * exp(-2 * z2 - 2 * gap / 3 + 4 / 9 * (z2 - z2 * z2) / n)


def _one_sided(gap: float, n: int) -> float:
    """Return the exact one-sided tail by the formula of Birnbaum and Tingey (1951), a sum of positive terms."""
    steps = np.arange(n * (1 - gap))
    shares = np.minimum(gap + steps / n, np.nextafter(1.0, 0.0))  # rounding may reach 1
    ways = gammaln(n + 1.0) - gammaln(steps + 1) - gammaln(n - steps + 1)
    terms = ways + (steps - 1) * np.log(shares) + (n - steps) * np.log1p(-shares)
    return float(gap * np.exp(terms).sum())


@lru_cache(maxsize=64)
def _band(m: int) -> NDArray[np.float64]:
    """Return the inner part of Durbin's matrix: 1 / (row - column + 1)!, all divided by e."""
    steps = np.arange(m)[:, None] - np.arange(m)[None, :] + 1
    band: NDArray[np.float64] = np.where(steps >= 0, np.exp(-gammaln(np.maximum(steps, 0) + 1.0) - 1), 0.0)
    band.setflags(write=False)
    return band


def _durbin(gap: float, n: int) -> float:
    """Return the exact distribution function (Durbin 1968; Marsaglia, Tsang and Wang 2003)."""
    k = ceil(n * gap)
    h = k - n * gap
    m = 2 * k - 1
    matrix = _band(m).copy()
    powers = np.arange(1, m + 1)
    edge = (1 - h**powers) * np.exp(-gammaln(powers + 1.0) - 1)
    edge[-1] = (1 - 2 * h**m + max(2 * h - 1, 0.0) ** m) * exp(-lgamma(m + 1) - 1)
    matrix[:, 0] = edge
    matrix[-1, :] = edge[::-1]
    power = np.linalg.matrix_power(matrix, n)[k - 1, k - 1]
    return float(power * exp(lgamma(n + 1) - n * log(n) + n))


def _pelz_good(gap: float, n: int) -> float:
    """Return the survival function by the expansion of Pelz and Good to the order n**-1.5."""
    z = gap * sqrt(n)
    z2, z4, z6 = z**2, z**4, z**6
    if pi**2 / 8 / z2 > 700:
        return 1.0
    odd = 2.0 * np.arange(1, ceil(16 * z / pi) + 1) - 1
    o2, o4, o6 = odd**2 * pi**2, odd**4 * pi**4, odd**6 * pi**6
    decay = np.exp(-o2 / (8 * z2))
    first = decay.sum() / z
    second = ((o2 / 4 - z2) * decay).sum() / (6 * z4)
    third = ((6 * z6 + 2 * z4 + (2 * z4 - 5 * z2) * o2 / 4 + (1 - 2 * z2) * o4 / 16) * decay).sum() / (72 * z**7)
    fourth = (
        (
            (5 - 30 * z2) * o6 / 64 + (-60 * z2 + 212 * z4) * o4 / 16
            + (135 * z4 - 96 * z6) * o2 / 4 - 30 * z6 - 90 * z**8
        ) * decay
    ).sum() / (6480 * z**10)  # fmt: skip
    e2 = (odd + 1) ** 2 / 4 * pi**2
    fade = np.exp(-e2 / (2 * z2))
    third -= (e2 * fade).sum() / (36 * z**3)
    fourth += ((3 * z2 - e2) * e2 * fade).sum() / (216 * z6)
    below = sqrt(2 * pi) * (second / sqrt(n) + third / n + fourth / n**1.5)
    return float(1 - sqrt(2 * pi) * first - below)
