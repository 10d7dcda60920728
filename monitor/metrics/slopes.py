"""Slopes: how a number over a confusion moves with one more row in each of its cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.profile.cells import Cells

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Slopes:
    """A number's slope by cell: ``by_target[i] + by_prediction[j]``, and ``right[i]`` more on the diagonal.

    Shape ``(classes,)`` each, so that many classes cost no square of them. By the delta method the variance of the
    number is the sum over cells of their rows times the squared slope.
    """

    by_target: Floats
    by_prediction: Floats
    right: Floats

    def spread(self, cells: Cells, more: float = 0.0) -> float:
        """Return the sum of squared slopes over the rows of all cells, with ``more`` rows in each, empty ones too.

        Examples
        --------
        >>> slopes = Slopes(np.array([1.0, 0.0]), np.array([0.0, 2.0]), np.array([0.5, 0.0]))
        >>> slopes.spread(Cells.of(np.array([[4, 1], [0, 2]]))), slopes.spread(Cells.of(np.zeros((2, 2))), 1.0)
        (26.0, 15.25)
        """
        slope = self.by_target[cells.targets] + self.by_prediction[cells.predictions]
        slope += np.where(cells.targets == cells.predictions, self.right[cells.targets], 0.0)
        found = float((cells.rows * slope * slope).sum())
        return found + more * self._square() if more else found

    def _square(self) -> float:
        """Return the sum of squared slopes over the whole square."""
        k, both = len(self.right), self.by_target + self.by_prediction
        middle = float(both.mean())
        apart = (
            (self.by_target - self.by_target.mean()) ** 2 + (self.by_prediction - self.by_prediction.mean()) ** 2
        ).sum()
        wrong = k * float(apart) + (k * middle) ** 2 - float((both**2).sum())
        return max(0.0, wrong) + float(((both + self.right) ** 2).sum())
