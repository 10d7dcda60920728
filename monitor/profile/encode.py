"""Encoding: one batch of rows becomes a bin number per row and column, once, for all the counts that follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from monitor.domain.category import class_text
from monitor.domain.model import CLASS_SCORE, FEATURE
from monitor.profile.addresses import rows_at
from monitor.profile.binned import Binned, Known, binned_numbers, bins_of, coded
from monitor.profile.bins import CategoricalBins, Floats, Ints
from monitor.profile.layout import Layout
from monitor.profile.locate import Codes
from monitor.profile.values import categories, numbers

Coded = tuple[Ints, list[str | None]]


@dataclass(frozen=True, eq=False)
class Encoded:
    """A canonical batch, encoded for one layout; a column that is not in it counts as missing throughout.

    Columns are encoded when first asked for, so that a column is counted while it is still in the cache.
    """

    layout: Layout
    batch: pa.RecordBatch

    @property
    def n(self) -> int:
        """Rows of the batch."""
        return int(self.batch.num_rows)

    def binned(self, name: str) -> Binned:
        """Return per row a column's bin and, for numbers, what is known of them; bins are kept if asked for again."""
        if name in self._binned:
            return self._binned[name]
        bins = self.layout.bins[name]
        if not self.has(name):  # missing throughout
            found: Binned = np.full(self.n, len(bins) - 1, dtype=np.intp), None
        elif isinstance(bins, CategoricalBins):
            codes, each = self._coded_bins(name, bins)
            found = codes if each is None else np.asarray(each.take(codes)), None
        else:
            found = binned_numbers(self.numbers(name), bins)
        self._known[name] = found[1]
        if self._again:
            self._binned[name] = found
        return found

    @property
    def _again(self) -> bool:
        """Whether bins are asked for again: rows are counted by version or segment too."""
        return self.has("version") or bool(self.layout.segments)

    def rows_by_bin(self, name: str) -> Ints:
        """Count all rows by bin of a categorical column: first by code, of which there are fewer than rows."""
        bins = self.layout.bins[name]
        if self._again or not self.has(name) or not isinstance(bins, CategoricalBins):
            return rows_at(self.binned(name)[0], len(bins))
        codes, each = self._coded_bins(name, bins)
        if each is None:
            return rows_at(codes, len(bins))
        return np.bincount(each, rows_at(codes, len(each)), len(bins)).astype(np.int64)

    def _coded_bins(self, name: str, bins: CategoricalBins) -> tuple[Codes, Codes | None]:
        """Return a code for each row and the bin of each code; None where the codes are the bins."""
        if name in ("prediction", "target"):  # whose codes the confusion counts too
            codes, texts = self._classes(name)
            return codes, bins_of(bins, texts)
        return coded(self.batch.column(name), bins)

    def known(self, name: str) -> Known | None:
        """Return the numbers of a column; None when the batch does not carry it."""
        if name not in self._known:
            self.binned(name)
        return self._known[name]

    @cached_property
    def _binned(self) -> dict[str, Binned]:
        return {}

    @cached_property
    def _known(self) -> dict[str, Known | None]:
        return {}

    def has(self, role: str) -> bool:
        """Tell whether the batch carries a column."""
        return role in self._names

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self.batch.schema.names)

    def numbers(self, role: str) -> Floats:
        """Return a column as float64, NaN when missing; all NaN when the batch does not carry it."""
        return numbers(self.batch.column(role)) if self.has(role) else np.full(self.n, np.nan)

    def attribute(self, name: str) -> Coded:
        """Return codes and texts of a group or segment attribute."""
        return self._attributes[name]

    def by(self, attributes: tuple[str, ...]) -> tuple[Ints, list[list[str | None]]]:
        """Return one code per combination of attributes, and the texts of each attribute."""
        return combined([self.attribute(name) for name in attributes], self.n)

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
        if role not in self._coded:
            none: Coded = np.zeros(self.n, dtype=np.int64), [None]
            self._coded[role] = categories(self.batch.column(role), class_text) if self.has(role) else none
        return self._coded[role]

    @cached_property
    def _coded(self) -> dict[str, Coded]:
        return {}

    @cached_property
    def _attributes(self) -> dict[str, Coded]:
        names = {name for attributes in self.layout.model.attributes for name in attributes} | {*self.layout.segments}
        return {name: self._attribute(name) for name in sorted(names)}

    def _attribute(self, name: str) -> Coded:
        if not self.has(FEATURE + name):
            return np.zeros(self.n, dtype=np.int64), [None]
        return categories(self.batch.column(FEATURE + name))


def combined(parts: Sequence[Coded], n: int) -> tuple[Ints, list[list[str | None]]]:
    """Return one code per row and combination of what is coded, the last one fastest, and the texts of each."""
    if not parts:
        return np.zeros(n, dtype=np.int64), []
    code = parts[0][0]
    for codes, names in parts[1:]:
        code = code * len(names) + codes
    return code, [names for _, names in parts]
