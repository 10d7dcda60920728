"""Residuals: what a regression's errors add up to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Residuals:
    r"""Sums over the labelled rows of one group, with ``e = prediction - target`` and ``y = target - centre``.

    ``power[i, j]`` (float64, shape ``(5, 5)``) is the sum of ``e**i * y**j`` for ``i + j <= 4``, so ``power[0, 0]``
    is n. ``absolute`` is the sum of \\|e\\|; ``relative`` (shape ``(3,)``) n, sum and sum of squares of \\|e /
    target\\| over targets that are not 0; ``symmetric`` (shape ``(3,)``) the same of ``2|e| / (|target| +
    |prediction|)``, 0 where both are 0. ``sizes`` and ``size_counts`` (shape ``(b,)``) are an ascending histogram
    of \\|e\\|: representative sizes, right within 0.1 %, and rows. ``largest`` is the greatest \\|e\\|, None
    without rows. ``centre`` is the reference mean of the target. Rows whose prediction or target is not finite are
    in ``unusable``.
    """

    power: Floats
    absolute: float
    relative: Floats
    symmetric: Floats
    sizes: Floats
    size_counts: Ints
    largest: float | None
    centre: float
    unlabelled: int
    unusable: int

    @property
    def n(self) -> int:
        """Labelled rows with a prediction."""
        return int(self.power[0, 0])

    @property
    def rows(self) -> int:
        """All rows of the group."""
        return self.n + self.unlabelled + self.unusable
