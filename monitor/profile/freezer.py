"""The freezer: reads the reference once and freezes every column's bins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from monitor.domain.category import category_text, class_text
from monitor.domain.model import CLASS_SCORE, FEATURE, Model
from monitor.profile.bins import Bins, Floats
from monitor.profile.freeze import categorical_bins, numeric_bins
from monitor.profile.hashing import hashes, mix
from monitor.profile.layout import Layout
from monitor.profile.values import Text, categories, numbers

SAMPLE = 262_144  # rows whose numbers are kept; quantiles of more are not sharper than the bins
SEGMENTS = 100


@dataclass(eq=False)
class Freezer:
    """Gathers what freezing needs from batches of reference rows, in bounded memory.

    Categories are counted over all rows; numbers are kept whole up to 262 144 rows, beyond that for those rows whose hashed id
    is smallest: a fair sample that does not depend on the order of reading.
    """

    model: Model
    rows: int = 0
    ranks: list[NDArray[np.uint64]] = field(default_factory=list)
    numeric: dict[str, list[Floats]] = field(default_factory=dict)
    counted: dict[str, Counter[str | None]] = field(default_factory=dict)
    items: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))

    def add(self, batch: pa.RecordBatch) -> None:
        """Take in a batch of the reference."""
        self.ranks.append(self._rank(batch))
        self.rows += batch.num_rows
        for name, kind in self.model.columns.items():
            if kind == "numeric":
                values = numbers(batch.column(name)) if name in batch.schema.names else np.full(batch.num_rows, np.nan)
                self.numeric.setdefault(name, []).append(values)
            else:
                self._count(batch, name, class_text if name in ("prediction", "target") else category_text)
        for name in self.model.segments:
            if self.model.columns.get(FEATURE + name) != "categorical":
                self._count(batch, FEATURE + name, category_text)
        if "item" in batch.schema.names:
            self.items = np.union1d(self.items, hashes(batch.column("item")))
        if sum(map(len, self.ranks)) > 2 * SAMPLE:
            self._thin()

    def finish(self) -> Layout:
        """Return the frozen layout."""
        if sum(map(len, self.ranks)) > SAMPLE:
            self._thin()
        bins = {name: self._bins(name) for name in self.model.columns}
        segments = {name: self._values(name) for name in self.model.segments}
        return Layout(self.model, bins, self.items, segments)

    def _rank(self, batch: pa.RecordBatch) -> NDArray[np.uint64]:
        if "id" in batch.schema.names:
            return mix(hashes(batch.column("id")))
        return mix(np.arange(self.rows, self.rows + batch.num_rows, dtype=np.uint64))

    def _count(self, batch: pa.RecordBatch, name: str, text: Text) -> None:
        if name not in batch.schema.names:
            return
        codes, texts = categories(batch.column(name), text)
        found = dict(zip(texts, np.bincount(codes, minlength=len(texts)).tolist(), strict=True))
        self.counted.setdefault(name, Counter()).update(found)

    def _thin(self) -> None:
        ranks = np.concatenate(self.ranks)
        kept = np.sort(np.argpartition(ranks, SAMPLE - 1)[:SAMPLE])
        self.ranks = [ranks[kept]]
        self.numeric = {name: [np.concatenate(pieces)[kept]] for name, pieces in self.numeric.items()}

    def _bins(self, name: str) -> Bins:
        if self.model.columns[name] == "numeric":
            pieces = self.numeric.get(name, [])
            values = np.concatenate(pieces) if pieces else np.zeros(0)
            return numeric_bins(values, score=name == "score" or name.startswith(CLASS_SCORE))
        return categorical_bins(self.counted.get(name, {}))

    def _values(self, name: str) -> tuple[str | None, ...]:
        counted = self.counted.get(FEATURE + name, Counter())
        order = sorted(counted, key=lambda text: (-counted[text], text is None, text or ""))
        return tuple(order[:SEGMENTS])


def freeze(model: Model, batches: Iterable[pa.RecordBatch]) -> Layout:
    """Freeze a model's bins from the batches of its reference."""
    freezer = Freezer(model)
    for batch in batches:
        freezer.add(batch)
    return freezer.finish()
