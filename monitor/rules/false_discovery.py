"""False discovery: p-values corrected for how many were looked at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def corrected(p_values: Sequence[float], tests: int | None = None) -> list[float]:
    """Return p-values after Benjamini and Hochberg: those at most ``q`` hold a share of false ones of at most ``q``.

    Parameters
    ----------
    p_values : sequence of float
        From 0 to 1, in any order.
    tests : int, optional
        How many were looked at, where some of them gave no p-value.

    Notes
    -----
    Source: Benjamini and Hochberg, "Controlling the false discovery rate", 1995. Equal to
    ``scipy.stats.false_discovery_control``.

    Examples
    --------
    >>> [round(p, 3) for p in corrected([0.01, 0.04, 0.03, 0.5])]
    [0.04, 0.053, 0.053, 0.5]
    """
    p = np.asarray(p_values, dtype=float)
    if not len(p):
        return []
    order = np.argsort(p, kind="stable")
    ranked = p[order] * max(len(p), tests or 0) / np.arange(1, len(p) + 1)
    least = np.minimum(1.0, np.minimum.accumulate(ranked[::-1])[::-1])
    found = np.empty(len(p))
    found[order] = least
    return [float(value) for value in found]
