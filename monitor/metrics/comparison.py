"""A comparison: the counts of a window beside those of the reference, and every place a metric can be taken at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

import numpy as np

from monitor.domain.category import class_order, class_text
from monitor.domain.model import CLASS_SCORE, Model, published_name
from monitor.metrics.registry import Metric
from monitor.profile.confusion import Confusion
from monitor.profile.rankings import Rankings
from monitor.profile.reading import Reading, Values
from monitor.profile.residuals import Residuals
from monitor.profile.scores import CALIBRATION_BINS, LogLoss, Scores

Group = dict[str, str | None]
SHOWN_CLASSES = 20  # up to this many classes the confusion matrix is given whole, beyond it the cells that have rows


@dataclass(frozen=True)
class At:
    """Where a metric is taken: a column, a group, and what its function is called with."""

    column: str | None
    group: Group | None
    arguments: tuple[object, ...]
    options: Mapping[str, object] = field(default_factory=dict)


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
        for attributes in self.model.attributes:
            for values, confusion in self._confusions(attributes).items():
                group = group_of(attributes, values)
                if self.model.task == "binary" or ("multiclass" in metric.tasks and not metric.per_class):
                    yield At(None, group, (confusion,))
                elif metric.per_class:
                    for name in self.classes:
                        yield At(None, {**(group or {}), "class": name}, (confusion.against_the_rest(name),))

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The classes that targets or predictions have, in the reference or now."""
        found = {c for side in (self.reference, self.current) for x in side.confusions().values() for c in x.classes}
        return tuple(sorted(found, key=class_order))

    def cells(self) -> Iterator[At]:
        """Yield the cells of the confusion matrix of all rows."""
        confusion = self._confusions(())[()]
        names = self.classes
        pairs: Iterable[tuple[str, str]] = product(names, names)
        if len(names) > SHOWN_CLASSES:
            own = confusion.classes
            pairs = ((own[i], own[j]) for i, j in np.argwhere(confusion.matrix).tolist())
        for target, prediction in pairs:
            yield At(None, {"target": target, "prediction": prediction}, (confusion, target, prediction))

    def scores(self) -> Iterator[At]:
        """Yield every group with the scores of the positive class."""
        if "score" not in self.model.roles:
            return
        for attributes in self.model.attributes:
            empty = self._empty_scores("score")
            found = self.current.scores("score", attributes)
            for values in self._groups(attributes, found):
                yield At(None, group_of(attributes, values), (found.get(values, empty),))

    def class_scores(self) -> Iterator[At]:
        """Yield every group with the scores of all classes, each against the rest."""
        columns = [CLASS_SCORE + name for name in self.model.score_classes]
        for attributes in self.model.attributes if columns else ():
            found = [self.current.scores(column, attributes) for column in columns]
            for values in self._groups(attributes, found[0]):
                each = [f.get(values, self._empty_scores(c)) for f, c in zip(found, columns, strict=True)]
                yield At(None, group_of(attributes, values), (each,))

    def log_losses(self) -> Iterator[At]:
        """Yield every group with its log-loss sums."""
        if "score" not in self.model.roles and not self.model.score_classes:
            return
        for attributes in self.model.attributes:
            found = self.current.log_losses(attributes)
            for values in self._groups(attributes, found):
                yield At(None, group_of(attributes, values), (found.get(values, LogLoss(0, 0.0, 0.0, True)),))

    def residuals(self) -> Iterator[At]:
        """Yield every group with its residuals."""
        for attributes in self.model.attributes:
            found = self.current.residuals(attributes)
            for values in self._groups(attributes, found):
                yield At(None, group_of(attributes, values), (found.get(values, _no_residuals()),))

    def rankings(self) -> Iterator[tuple[int, At]]:
        """Yield every depth k and group with its rankings."""
        for attributes in self.model.attributes:
            found = self.current.rankings(attributes)
            groups = dict.fromkeys(values for values, _ in found) or ({(): None} if not attributes else {})
            for values in groups:
                for k in self.model.k:
                    yield k, At(None, group_of(attributes, values), (found.get((values, k), Rankings(k, 0, {}, 0, 0)),))

    def _confusions(self, attributes: tuple[str, ...]) -> dict[Values, Confusion]:
        if attributes not in self._known:
            found = self.current.confusions(attributes)
            groups = self._groups(attributes, found)
            self._known[attributes] = {values: found.get(values, self._empty_confusion()) for values in groups}
        return self._known[attributes]

    @cached_property
    def _known(self) -> dict[tuple[str, ...], dict[Values, Confusion]]:
        return {}

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
