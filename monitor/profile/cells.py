"""Cells: a square table of rows by target and predicted class, of which most is empty."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
DENSE = 256  # classes up to which a whole square is smaller than a list of its cells may be


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of a square of ``size`` classes that have rows; shape ``(cells,)`` each.

    ``rows[k]`` rows have target ``targets[k]`` and prediction ``predictions[k]``, as places among the classes; no pair
    comes twice. 20 000 classes take as much memory as they have pairs, where the square would take 3 GB.

    Examples
    --------
    >>> cells = Cells.of(np.array([[5, 0], [1, 3]]))
    >>> cells.rows.tolist(), cells.hits.tolist(), cells.by_target.tolist(), cells.by_prediction.tolist()
    ([5, 1, 3], [5, 3], [5, 4], [6, 3])
    >>> cells.at(1, 0), cells.at(0, 1)
    (1, 0)
    """

    size: int
    targets: Ints
    predictions: Ints
    rows: Ints

    @classmethod
    def of(cls, square: Ints) -> Cells:
        """List the cells of a square that have rows."""
        targets, predictions = np.nonzero(square)
        return cls(len(square), targets, predictions, square[targets, predictions])

    def square(self) -> Ints:
        """Return the whole square; shape ``(size, size)``."""
        square = np.zeros((self.size, self.size), dtype=np.int64)
        square[self.targets, self.predictions] = self.rows
        return square

    @property
    def hits(self) -> Ints:
        """Rows on the diagonal, by class; shape ``(size,)``."""
        return self._by(self.targets, np.where(self.targets == self.predictions, self.rows, 0))

    @property
    def by_target(self) -> Ints:
        """Rows by target; shape ``(size,)``."""
        return self._by(self.targets, self.rows)

    @property
    def by_prediction(self) -> Ints:
        """Rows by prediction; shape ``(size,)``."""
        return self._by(self.predictions, self.rows)

    def among(self, kept: NDArray[np.bool_]) -> Cells:
        """Return the cells as cells of the classes kept, outside of which no cell may lie."""
        place = np.cumsum(kept) - 1
        return Cells(int(kept.sum()), place[self.targets], place[self.predictions], self.rows)

    def at(self, target: int, prediction: int) -> int:
        """Return the rows of one pair of classes."""
        return self._known.get((target, prediction), 0)

    @cached_property
    def _known(self) -> dict[tuple[int, int], int]:
        return dict(
            zip(zip(self.targets.tolist(), self.predictions.tolist(), strict=True), self.rows.tolist(), strict=True)
        )

    def _by(self, place: Ints, rows: Ints) -> Ints:
        return np.bincount(place, rows, self.size).astype(np.int64)  # below 2^53, so float addition is exact
