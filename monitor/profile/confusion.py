"""Confusion: rows by target class and predicted class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Confusion:
    """Rows of one group by target and predicted class.

    ``matrix[i, j]`` (int64, shape ``(classes, classes)``) counts rows of target ``classes[i]`` predicted ``classes[j]``;
    ``unlabelled[j]`` those predicted ``classes[j]`` whose target is not known yet, ``undecided[i]`` those of
    target ``classes[i]`` without a prediction, ``blank`` those with neither. ``positive`` is the positive class of a binary
    task (None for multiclass): every other class counts as negative.
    """

    classes: tuple[str, ...]
    matrix: Ints
    unlabelled: Ints
    undecided: Ints
    blank: int = 0
    positive: str | None = None

    @property
    def rows(self) -> int:
        """All rows of the group."""
        return int(self.matrix.sum() + self.unlabelled.sum() + self.undecided.sum()) + self.blank

    @property
    def labelled(self) -> int:
        """Rows whose target is known."""
        return int(self.matrix.sum() + self.undecided.sum())

    @property
    def n(self) -> int:
        """Rows with both target and prediction: those that performance rests on."""
        return int(self.matrix.sum())

    @property
    def decided(self) -> int:
        """Rows with a prediction, labelled or not."""
        return int(self.matrix.sum() + self.unlabelled.sum())

    @property
    def true_positive(self) -> int:
        """Positive rows predicted positive."""
        return int(self.matrix[self._is, self._is])

    @property
    def false_negative(self) -> int:
        """Positive rows predicted otherwise."""
        return int(self.matrix[self._is].sum()) - self.true_positive if self._is >= 0 else 0

    @property
    def false_positive(self) -> int:
        """Negative rows predicted positive."""
        return int(self.matrix[:, self._is].sum()) - self.true_positive if self._is >= 0 else 0

    @property
    def true_negative(self) -> int:
        """Negative rows not predicted positive."""
        return self.n - self.true_positive - self.false_negative - self.false_positive

    @property
    def selected(self) -> int:
        """Rows predicted positive, labelled or not."""
        return self.true_positive + self.false_positive + int(self.unlabelled[self._is]) if self._is >= 0 else 0

    @property
    def two_by_two(self) -> Ints:
        """``[[true negative, false positive], [false negative, true positive]]``, as scikit-learn orders it."""
        return np.array([[self.true_negative, self.false_positive], [self.false_negative, self.true_positive]])

    @property
    def _is(self) -> int:
        return self.classes.index(self.positive) if self.positive in self.classes else -1
