"""The freezer: reads the reference once and freezes every column's bins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from monitor.domain.category import category_text, class_text
from monitor.domain.model import CLASS_SCORE, FEATURE, Model
from monitor.profile.bins import BEYOND, Bins, Floats
from monitor.profile.freeze import categorical_bins, numeric_bins
from monitor.profile.hashing import hashes, mix
from monitor.profile.layout import Layout
from monitor.profile.values import categories, numbers

SAMPLE = 262_144  # rows whose numbers are kept; quantiles of more are not sharper than the bins
SEGMENTS = 100
T = TypeVar("T")


@dataclass(eq=False)
class Freezer:
    """Gathers what freezing needs from batches of reference rows, in bounded memory.

    Categories are counted over all rows; numbers are kept whole up to 262 144 rows, beyond that for those rows whose
    hashed id is smallest: a fair sample that does not depend on the order of reading. ``pool`` may share the columns
    out to threads.
    """

    model: Model
    pool: Executor | None = None
    rows: int = 0
    ranks: list[NDArray[np.uint64]] = field(default_factory=list)
    numeric: dict[str, list[Floats]] = field(default_factory=dict)
    counted: dict[str, Counter[str | None]] = field(default_factory=dict)
    extremes: dict[str, tuple[float, float]] = field(default_factory=dict)
    items: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))

    def add(self, batch: pa.RecordBatch) -> None:
        """Take in a batch of the reference."""
        self.ranks.append(self._rank(batch))
        self.rows += batch.num_rows
        segments = [FEATURE + name for name in self.model.segments]
        uncounted = [name for name in segments if self.model.columns.get(name) != "categorical"]
        for name, kind in self.model.columns.items():
            if kind == "numeric":
                values = numbers(batch.column(name)) if name in batch.schema.names else np.full(batch.num_rows, np.nan)
                self.numeric.setdefault(name, []).append(values)
                self._stretch(name, values)
            else:
                uncounted.append(name)
        names = [name for name in uncounted if name in batch.schema.names]
        for name, found in zip(names, self._spread(partial(_counted, batch), names), strict=True):
            self.counted.setdefault(name, Counter()).update(found)
        if "item" in batch.schema.names:
            self.items = np.union1d(self.items, hashes(batch.column("item")))
        if sum(map(len, self.ranks)) > 2 * SAMPLE:
            self._thin()

    def finish(self) -> Layout:
        """Return the frozen layout."""
        if sum(map(len, self.ranks)) > SAMPLE:
            self._thin()
        each = self._spread(self._bins, self.model.columns)
        bins = dict(zip(self.model.columns, each, strict=True))
        segments = {name: self._values(name) for name in self.model.segments}
        return Layout(self.model, bins, self.items, segments)

    def _rank(self, batch: pa.RecordBatch) -> NDArray[np.uint64]:
        if "id" in batch.schema.names:
            return mix(hashes(batch.column("id")))
        return mix(np.arange(self.rows, self.rows + batch.num_rows, dtype=np.uint64))

    def _spread(self, function: Callable[[str], T], names: Iterable[str]) -> Iterable[T]:
        return map(function, names) if self.pool is None else self.pool.map(function, names)

    def _stretch(self, name: str, values: Floats) -> None:
        """Keep the least and the greatest value, which a sample may miss."""
        known = values[np.abs(values) <= BEYOND] + 0.0
        if len(known):
            low, high = self.extremes.get(name, (np.inf, -np.inf))
            self.extremes[name] = min(low, float(known.min())), max(high, float(known.max()))

    def _thin(self) -> None:
        ranks = np.concatenate(self.ranks)
        kept = np.sort(np.argpartition(ranks, SAMPLE - 1)[:SAMPLE])
        self.ranks = [ranks[kept]]
        self.numeric = {name: [np.concatenate(pieces)[kept]] for name, pieces in self.numeric.items()}

    def _bins(self, name: str) -> Bins:
        if self.model.columns[name] == "numeric":
            pieces = self.numeric.get(name, [])
            values = np.concatenate(pieces) if pieces else np.zeros(0)
            score = name == "score" or name.startswith(CLASS_SCORE)
            return numeric_bins(values, score=score, extremes=self.extremes.get(name))
        return categorical_bins(self.counted.get(name, {}), self._classes() if name == "target" else ())

    def _classes(self) -> list[str]:
        """Return the classes a target may turn out to have: its ground truth may come after the freezing."""
        predicted = [text for text in self.counted.get("prediction", {}) if text is not None]
        scored = [class_text(name) or name for name in self.model.score_classes]
        return [*predicted, *scored, *([self.model.positive] if self.model.task == "binary" else [])]

    def _values(self, name: str) -> tuple[str | None, ...]:
        counted = self.counted.get(FEATURE + name, Counter())
        order = sorted(counted, key=lambda text: (-counted[text], text is None, text or ""))
        return tuple(order[:SEGMENTS])


def _counted(batch: pa.RecordBatch, name: str) -> dict[str | None, int]:
    codes, texts = categories(batch.column(name), class_text if name in ("prediction", "target") else category_text)
    return dict(zip(texts, np.bincount(codes, minlength=len(texts)).tolist(), strict=True))


def freeze(model: Model, batches: Iterable[pa.RecordBatch], pool: Executor | None = None) -> Layout:
    """Freeze a model's bins from the batches of its reference; ``pool`` may share the columns out to threads."""
    freezer = Freezer(model, pool)
    for batch in batches:
        freezer.add(batch)
    return freezer.finish()
