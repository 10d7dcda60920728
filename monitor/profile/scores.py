"""Scores: rows by score bin, split by whether the class came true."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

CALIBRATION_BINS = 10


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of one class in one group (for a binary task: of the positive class).

    ``positive``, ``negative`` and ``unlabelled`` (int64, shape ``(bins,)``) count rows per score bin, ascending,
    missing left out; ``points`` tells which bins hold one single value, so that ranking inside them is exact.
    ``score_sum`` and ``score_square`` are sums over all scored rows ``scored``. ``squared_error`` and
    ``squared_error_square`` are sums of ``(score - truth)**2`` and of its square over labelled rows.
    ``calibration`` (float64, shape ``(3, 10)``) holds, over ten equal-width bins of [0, 1], labelled rows, positive
    rows and the sum of scores. ``probabilities`` tells whether all reference scores lay in [0, 1].
    """

    positive: Ints
    negative: Ints
    unlabelled: Ints
    points: NDArray[np.bool_]
    score_sum: float
    score_square: float
    squared_error: float
    squared_error_square: float
    calibration: Floats
    probabilities: bool

    @property
    def n(self) -> int:
        """Labelled rows with a score."""
        return int(self.positive.sum() + self.negative.sum())

    @property
    def scored(self) -> int:
        """Rows with a score, labelled or not."""
        return self.n + int(self.unlabelled.sum())


@dataclass(frozen=True, eq=False)
class LogLoss:
    """Rows with a target and a probability for it: their number, the sum of ``-ln p(target)`` and of its square.

    Probabilities are clipped to [2.2e-16, 1 - 2.2e-16] as scikit-learn does. ``probabilities`` as in :class:`Scores`.
    """

    n: int
    first: float
    second: float
    probabilities: bool
