"""Encoding: one batch of rows becomes a bin number per row and column, once, for all the counts that follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from monitor.domain.category import category_hash, class_text
from monitor.domain.model import CLASS_SCORE, FEATURE
from monitor.profile.bins import BEYOND, Bins, CategoricalBins, Floats, Ints, NumericBins
from monitor.profile.layout import Layout
from monitor.profile.values import categories, numbers

Coded = tuple[Ints, list[str | None]]
Codes = NDArray[np.int32]
Binned = tuple[Codes, Floats | None]
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, eq=False)
class Encoded:
    """A canonical batch, encoded for one layout; a column that is not in it counts as missing throughout.

    Columns are encoded when first asked for, so that a thread counts a column while it is still in the cache.
    ``pool`` may be an executor of threads that columns are shared out to.
    """

    layout: Layout
    batch: pa.RecordBatch
    pool: Executor | None = None

    @property
    def n(self) -> int:
        """Rows of the batch."""
        return int(self.batch.num_rows)

    def spread(self, function: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """Return the function of every item, in their order, shared out to the pool's threads."""
        return list(map(function, items) if self.pool is None else self.pool.map(function, items))

    def binned(self, name: str) -> Binned:
        """Return per row a column's bin and, for numbers, the value (NaN where missing or not finite)."""
        if name not in self._binned:
            self._binned[name] = _binned(self.batch, name, self.layout.bins[name])
        return self._binned[name]

    @cached_property
    def _binned(self) -> dict[str, Binned]:
        return {}

    def has(self, role: str) -> bool:
        """Tell whether the batch carries a column."""
        return role in self.batch.schema.names

    def numbers(self, role: str) -> Floats:
        """Return a column as float64, NaN when missing; all NaN when the batch does not carry it."""
        return numbers(self.batch.column(role)) if self.has(role) else np.full(self.n, np.nan)

    def attribute(self, name: str) -> Coded:
        """Return codes and texts of a group or segment attribute."""
        return self._attributes[name]

    def by(self, attributes: tuple[str, ...]) -> tuple[Ints, list[list[str | None]]]:
        """Return one code per combination of attributes, and the texts of each attribute."""
        code = np.zeros(self.n, dtype=np.int64)
        texts = []
        for name in attributes:
            codes, names = self.attribute(name)
            code = code * len(names) + codes
            texts.append(names)
        return code, texts

    @cached_property
    def target(self) -> Coded:
        """Classes that came true; missing where not known yet."""
        return self._classes("target")

    @cached_property
    def predicted(self) -> Coded:
        """Predicted classes: as logged, else by threshold or the greatest class score."""
        if self.has("prediction"):
            return self._classes("prediction")
        model = self.layout.model
        if model.task == "binary" and self.has("score"):
            score = self.numbers("score")
            code = np.where(np.isnan(score), 2, score >= model.threshold).astype(np.int64)
            return code, [model.negative, model.positive, None]
        if model.score_classes:
            return self._greatest(model.score_classes)
        return np.zeros(self.n, dtype=np.int64), [None]

    @cached_property
    def version(self) -> Coded:
        """Versions of the model that answered."""
        return categories(self.batch.column("version"))

    def _greatest(self, classes: tuple[str, ...]) -> Coded:
        scores = np.column_stack([self.numbers(CLASS_SCORE + c) for c in classes])
        empty = np.isnan(scores).all(axis=1)
        code = np.where(empty, len(classes), np.argmax(np.where(np.isnan(scores), -np.inf, scores), axis=1))
        return code, [*(class_text(c) for c in classes), None]

    def _classes(self, role: str) -> Coded:
        if not self.has(role):
            return np.zeros(self.n, dtype=np.int64), [None]
        return categories(self.batch.column(role), class_text)

    @cached_property
    def _attributes(self) -> dict[str, Coded]:
        names = {name for attributes in self.layout.model.attributes for name in attributes} | {*self.layout.segments}
        return {name: self._attribute(name) for name in sorted(names)}

    def _attribute(self, name: str) -> Coded:
        if not self.has(FEATURE + name):
            return np.zeros(self.n, dtype=np.int64), [None]
        return categories(self.batch.column(FEATURE + name))


def slices(batch: pa.RecordBatch, rows: int) -> Iterator[pa.RecordBatch]:
    """Cut a batch into pieces of at most ``rows`` rows, so that what is computed from them stays small."""
    for start in range(0, batch.num_rows, rows):
        yield batch.slice(start, rows)


def _binned(batch: pa.RecordBatch, name: str, bins: Bins) -> Binned:
    if name not in batch.schema.names:
        return np.full(batch.num_rows, len(bins) - 1, dtype=np.int32), None
    column = batch.column(name)
    if isinstance(bins, CategoricalBins):
        text = class_text if name in ("prediction", "target") else None
        codes, texts = categories(column, text) if text else categories(column)
        named = bins.codes
        at = [named[t] if t in named else _category(bins, t) for t in texts] or [0]
        return np.array(at, dtype=np.int32).take(codes), None
    return _numeric(numbers(column), bins)


def _numeric(values: Floats, bins: NumericBins) -> Binned:
    codes = bins.locator.locate(values)
    low, high = values.min(initial=bins.centre), values.max(initial=bins.centre)
    if high - bins.centre <= BEYOND and bins.centre - low <= BEYOND:
        return codes, values  # nothing missing and nothing far
    with np.errstate(over="ignore", invalid="ignore"):
        distance = values - bins.centre
    codes[np.isnan(values)] = len(bins) - 1
    far = np.abs(distance) > BEYOND
    if far.any():
        codes[far] = np.where(distance[far] < 0, 0, len(bins) - 2)
        values = np.where(far, np.nan, values)
    return codes, values


def _category(bins: CategoricalBins, text: str | None) -> int:
    if text is None:
        return len(bins) - 1
    named = bins.codes.get(text)
    if named is not None:
        return named
    if not len(bins.known):
        return bins.unseen
    hashed = np.uint64(category_hash(text))
    at = int(np.searchsorted(bins.known, hashed))
    return bins.other if at < len(bins.known) and bins.known[at] == hashed else bins.unseen
