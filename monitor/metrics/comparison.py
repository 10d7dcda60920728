"""A comparison: the counts of a window beside those of the reference, and every place a metric can be taken at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from typing import cast

import numpy as np

from monitor.domain.category import class_order, class_text
from monitor.domain.model import CLASS_SCORE, Model, published_name
from monitor.metrics.reasons import TOO_MANY_CLASSES, TOO_MANY_LABELS
from monitor.metrics.registry import Metric
from monitor.profile.confusion import Confusion
from monitor.profile.rankings import Rankings
from monitor.profile.reading import Reading, Values
from monitor.profile.residuals import Residuals
from monitor.profile.scores import CALIBRATION_BINS, LogLoss, Scores

Group = dict[str, str | None]
MOST_CLASSES = 1_000  # beyond them numbers by class would be more than anybody reads or a store should hold
SHOWN_CLASSES = 20  # up to this many classes the confusion matrix is given whole, beyond it the cells that have rows


@dataclass(frozen=True)
class At:
    """Where a metric is taken: a column, a group, and what its function is called with.

    With a ``reason`` it is not called: there is no number here, and this is why.
    """

    column: str | None
    group: Group | None
    arguments: tuple[object, ...]
    options: Mapping[str, object] = field(default_factory=dict)
    reason: str | None = None


@dataclass(frozen=True, eq=False)
class Comparison:
    """Reference and current counts of one window, or of one segment of it.

    ``model`` is the model as it is configured now; ``seconds`` the window's length; ``segment`` the group that both
    sides are restricted to, None for all rows.
    """

    model: Model
    reference: Reading
    current: Reading
    seconds: float
    segment: Group | None = None

    def columns(self, metric: Metric) -> Iterator[At]:
        """Yield the columns a metric is taken at, with both histograms."""
        for name, kind in self.model.columns.items():
            if metric.columns not in (None, kind) or (name == "target" and metric.name.startswith("missing_")):
                continue
            group = self.segment
            if name.startswith(CLASS_SCORE):
                group = {**(self.segment or {}), "class": class_text(name.removeprefix(CLASS_SCORE))}
            pair = self.reference.histogram(name), self.current.histogram(name)
            arguments: tuple[object, ...] = pair
            if metric.reads.startswith("coarse"):
                k = int(metric.reads.removeprefix("coarse"))
                arguments = tuple(side.coarse(name, k) for side in (self.reference, self.current))
            yield At(published_name(name), group, arguments)

    def whole(self, *arguments: object) -> Iterator[At]:
        """Yield the one place of a metric about all rows."""
        yield At(None, self.segment, arguments)

    def confusions(self, metric: Metric) -> Iterator[At]:
        """Yield every group with its confusion, for a metric by class every class of it too."""
        by_class = self.model.task == "multiclass" and metric.per_class
        for attributes in self.model.attributes:
            for at in self._each(attributes, self.current.confusions(attributes), self._empty_confusion(), "confusion"):
                if not by_class or at.reason:
                    yield at
                elif len(self.classes) > MOST_CLASSES:
                    yield replace(at, reason=TOO_MANY_CLASSES)
                else:
                    yield from self._by_class(at)

    def _by_class(self, at: At) -> Iterator[At]:
        """Yield a group's confusion with each class as the positive one."""
        confusion = cast("Confusion", at.arguments[0])
        for name in self.classes:
            yield At(None, {**(at.group or {}), "class": name}, (confusion.against_the_rest(name),))

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The classes that targets or predictions have, in the reference or now."""
        found = {c for side in (self.reference, self.current) for x in side.confusions().values() for c in x.classes}
        return tuple(sorted(found, key=class_order))

    def cells(self) -> Iterator[At]:
        """Yield the cells of the confusion matrix of all rows."""
        confusion = self.current.confusions().get((), self._empty_confusion())
        names = self.classes
        lost = self._lost((), "confusion") or (TOO_MANY_CLASSES if len(names) > MOST_CLASSES else None)
        if lost:
            yield At(None, None, (), reason=lost)
            return
        pairs: Iterable[tuple[str, str]] = product(names, names)
        if len(names) > SHOWN_CLASSES:
            own, cells = confusion.classes, confusion.cells
            pairs = ((own[i], own[j]) for i, j in zip(cells.targets, cells.predictions, strict=True))
        for target, prediction in pairs:
            yield At(None, {"target": target, "prediction": prediction}, (confusion, target, prediction))

    def scores(self) -> Iterator[At]:
        """Yield every group with the scores of the positive class."""
        if "score" not in self.model.roles:
            return
        empty = self._empty_scores("score")
        for attributes in self.model.attributes:
            yield from self._each(
                attributes, self.current.scores("score", attributes), empty, "score", "calibration score"
            )

    def class_scores(self) -> Iterator[At]:
        """Yield every group with the scores of all classes, each against the rest."""
        columns = [CLASS_SCORE + name for name in self.model.score_classes]
        empty = [self._empty_scores(column) for column in columns]
        parts = [*columns, *(f"calibration {column}" for column in columns)]
        for attributes in self.model.attributes if columns else ():
            found = [self.current.scores(column, attributes) for column in columns]
            each = {v: [f.get(v, none) for f, none in zip(found, empty, strict=True)] for v in found[0]}
            yield from self._each(attributes, each, empty, *parts)

    def log_losses(self) -> Iterator[At]:
        """Yield every group with its log-loss sums."""
        if "score" not in self.model.roles and not self.model.score_classes:
            return
        for attributes in self.model.attributes:
            found = self.current.log_losses(attributes)
            yield from self._each(attributes, found, LogLoss(0, 0.0, 0.0, True), "log loss")

    def residuals(self) -> Iterator[At]:
        """Yield every group with its residuals."""
        for attributes in self.model.attributes:
            yield from self._each(attributes, self.current.residuals(attributes), _no_residuals(), "residuals")

    def rankings(self) -> Iterator[tuple[int, At]]:
        """Yield every depth k and group with its rankings."""
        for attributes in self.model.attributes:
            found = self.current.rankings(attributes)
            groups = dict.fromkeys(values for values, _ in found) or ({(): None} if not attributes else {})
            reason = self._lost(attributes, "rankings")
            if reason and not groups:
                yield from ((k, At("×".join(attributes), None, (), reason=reason)) for k in self.model.k)
            for values in groups:
                for k in self.model.k:
                    view = found.get((values, k), Rankings(k, 0, {}, 0, 0))
                    yield k, At(None, group_of(attributes, values), (view,), reason=reason)

    def _each(
        self, attributes: tuple[str, ...], found: Mapping[Values, object], empty: object, *parts: str
    ) -> Iterator[At]:
        """Yield every group with its view; where the groups were too many to keep, those known with the reason.

        When none is known the attributes stand in the column's place, as they do for a disparity.
        """
        reason = self._lost(attributes, *parts)
        groups = self._groups(attributes, found)
        if reason and not groups:
            yield At("×".join(attributes), None, (), reason=reason)
        for values in groups:
            yield At(None, group_of(attributes, values), (found.get(values, empty),), reason=reason)

    def _lost(self, attributes: tuple[str, ...], *parts: str) -> str | None:
        """Return why counts are not there although there are rows, None when they are."""
        return TOO_MANY_LABELS if any(self.current.overflowed(part, attributes) for part in parts) else None

    def _groups(self, attributes: tuple[str, ...], found: Mapping[Values, object]) -> list[Values]:
        """Return the groups that are there now, or were in the reference; all rows are always a group."""
        if not attributes:
            return [()]
        part = {"regression": "residuals"}.get(self.model.task, "confusion")
        tally = self.reference.part(part, attributes)
        drop = 1 if part == "residuals" else 2
        before = [key[:-drop] for key in tally.keys] if tally is not None else []
        return list(dict.fromkeys([*found, *before]))

    def _empty_confusion(self) -> Confusion:
        positive = self.model.positive if self.model.task == "binary" else None
        none = np.zeros(0, dtype=np.int64)
        return Confusion((), none.reshape(0, 0), none, none, 0, positive)

    def _empty_scores(self, column: str) -> Scores:
        bins = self.current.layout.numeric[column]
        none = np.zeros(len(bins) - 1, dtype=np.int64)
        table = np.zeros((3, CALIBRATION_BINS))
        sound = self.current.layout.probabilities(column)
        return Scores(none, none, none, bins.points[:-1], 0.0, 0.0, 0.0, 0.0, table, sound)


def group_of(attributes: tuple[str, ...], values: Values) -> Group | None:
    """Return a group as it is written in measurements; None for all rows.

    Examples
    --------
    >>> group_of(("origin",), ("JFK",)), group_of((), ())
    ({'origin': 'JFK'}, None)
    """
    return dict(zip(attributes, values, strict=True)) or None


def _no_residuals() -> Residuals:
    none, three = np.zeros(0), np.zeros(3)
    return Residuals(np.zeros((5, 5)), 0.0, three, three, none, none.astype(np.int64), None, 0.0, 0, 0)
