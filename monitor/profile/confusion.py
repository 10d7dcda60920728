"""Confusion: rows by target class and predicted class."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from monitor.profile.cells import Cells

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Confusion:
    """Rows of one group by target and predicted class.

    ``matrix[i, j]`` (int64, shape ``(classes, classes)``) counts rows of target ``classes[i]`` predicted
    ``classes[j]``, or lists its `Cells` where classes are many; ``unlabelled[j]`` counts those predicted ``classes[j]``
    whose target is not known yet, ``undecided[i]`` those of target ``classes[i]`` without a prediction, ``blank`` those
    with neither. ``positive`` is the positive class of a binary task (None for multiclass): every other class counts as
    negative. Sums are taken once and kept, since many metrics ask for them.

    Examples
    --------
    >>> counts = np.array([[50, 10], [5, 35]])
    >>> one = Confusion(("0", "1"), counts, np.array([3, 4]), np.array([0, 1]), positive="1")
    >>> one.true_positive, one.false_positive, one.false_negative, one.true_negative
    (35, 10, 5, 50)
    >>> one.n, one.labelled, one.decided, one.selected, one.labelled_positive
    (100, 101, 107, 49, 41)
    """

    classes: tuple[str, ...]
    matrix: Ints | Cells
    unlabelled: Ints
    undecided: Ints
    blank: int = 0
    positive: str | None = None

    def against_the_rest(self, positive: str) -> Confusion:
        """Return the same rows with one class as the positive one; sums over all classes are taken over, not anew."""
        one = replace(self, positive=positive)
        one.__dict__.update(
            {name: getattr(self, name) for name in ("n", "labelled", "decided", "targets", "predictions", "places")}
        )
        return one

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each class stands among the classes."""
        return {name: i for i, name in enumerate(self.classes)}

    @property
    def rows(self) -> int:
        """All rows of the group."""
        return self.n + int(self.unlabelled.sum() + self.undecided.sum()) + self.blank

    @cached_property
    def labelled(self) -> int:
        """Rows whose target is known."""
        return self.n + int(self.undecided.sum())

    @cached_property
    def n(self) -> int:
        """Rows with both target and prediction: those that performance rests on."""
        return int((self.matrix.rows if isinstance(self.matrix, Cells) else self.matrix).sum())

    @cached_property
    def cells(self) -> Cells:
        """The pairs of classes that have rows."""
        return self.matrix if isinstance(self.matrix, Cells) else Cells.of(self.matrix)

    def at(self, target: int, prediction: int) -> int:
        """Return the rows of one pair of classes, given as places among the classes."""
        if isinstance(self.matrix, Cells):
            return self.matrix.at(target, prediction)
        return int(self.matrix[target, prediction])

    @cached_property
    def decided(self) -> int:
        """Rows with a prediction, labelled or not."""
        return self.n + int(self.unlabelled.sum())

    @cached_property
    def true_positive(self) -> int:
        """Positive rows predicted positive."""
        return self.at(self._is, self._is) if self._is >= 0 else 0

    @cached_property
    def false_negative(self) -> int:
        """Positive rows predicted otherwise."""
        return int(self.targets[self._is]) - self.true_positive if self._is >= 0 else 0

    @cached_property
    def false_positive(self) -> int:
        """Negative rows predicted positive."""
        return int(self.predictions[self._is]) - self.true_positive if self._is >= 0 else 0

    @cached_property
    def true_negative(self) -> int:
        """Negative rows not predicted positive."""
        return self.n - self.true_positive - self.false_negative - self.false_positive

    @cached_property
    def selected(self) -> int:
        """Rows predicted positive, labelled or not."""
        return self.true_positive + self.false_positive + int(self.unlabelled[self._is]) if self._is >= 0 else 0

    @cached_property
    def labelled_positive(self) -> int:
        """Rows whose target is positive, decided or not."""
        return self.true_positive + self.false_negative + int(self.undecided[self._is]) if self._is >= 0 else 0

    @cached_property
    def hits(self) -> Ints:
        """Rows predicted as what they are, by class; shape ``(classes,)``."""
        return self.matrix.hits if isinstance(self.matrix, Cells) else self.matrix.diagonal()

    @cached_property
    def targets(self) -> Ints:
        """Rows of each target class that have a prediction; shape ``(classes,)``."""
        if isinstance(self.matrix, Cells):
            return self.matrix.by_target
        rows: Ints = self.matrix.sum(axis=1, dtype=np.int64)
        return rows

    @cached_property
    def predictions(self) -> Ints:
        """Rows of each predicted class that have a target; shape ``(classes,)``."""
        if isinstance(self.matrix, Cells):
            return self.matrix.by_prediction
        rows: Ints = self.matrix.sum(axis=0, dtype=np.int64)
        return rows

    @property
    def two_by_two(self) -> Ints:
        """``[[true negative, false positive], [false negative, true positive]]``, as scikit-learn orders it."""
        return np.array([[self.true_negative, self.false_positive], [self.false_negative, self.true_positive]])

    @cached_property
    def _is(self) -> int:
        return -1 if self.positive is None else self.places.get(self.positive, -1)
