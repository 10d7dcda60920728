"""Moments: first and second moments of all numeric features together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over rows of standardised numeric features ``z = (x - reference mean) / reference deviation``.

    Missing and non-finite values count as 0, the reference mean. ``columns`` are the features with spread in the
    reference; ``first`` (shape ``(c,)``) sums z, ``second`` (shape ``(c, c)``) sums the outer products.
    """

    columns: tuple[str, ...]
    n: int
    first: NDArray[np.float64]
    second: NDArray[np.float64]

    @property
    def mean(self) -> NDArray[np.float64]:
        """Mean of z; shape ``(c,)``."""
        return self.first / max(self.n, 1)

    @property
    def covariance(self) -> NDArray[np.float64]:
        """Covariance of z (over n); shape ``(c, c)``."""
        return self.second / max(self.n, 1) - np.outer(self.mean, self.mean)
