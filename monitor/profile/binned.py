"""Binned columns: the bin of every row of one column, and for numbers the values that are summed up."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitor.domain.category import category_hash, category_text, class_text
from monitor.profile.bins import BEYOND, Bins, CategoricalBins, Floats, Ints, NumericBins
from monitor.profile.locate import Codes
from monitor.profile.values import categories, is_text, numbers, places


class Known(NamedTuple):
    """Numbers of a column: NaN where missing or farther than 1e100 from the centre.

    ``gaps`` are the rows of these, ascending; ``low`` and ``high`` the least and the greatest of all others, NaN when
    there are none.
    """

    values: Floats
    gaps: Ints
    low: float
    high: float

    def take(self, order: Ints | None) -> Known:
        """Return the numbers in another order of the rows; None is the order they have."""
        if order is None:
            return self
        values = self.values.take(order)
        gaps = np.flatnonzero(np.isnan(values)) if len(self.gaps) else self.gaps
        return self._replace(values=values, gaps=gaps)


Binned = tuple[Codes, Known | None]
CLASSES = ("prediction", "target")


def binned(batch: pa.RecordBatch, name: str, bins: Bins) -> Binned:
    """Return the bin of each row of a column, and its numbers; a column that is not there is missing throughout."""
    if name not in batch.schema.names:
        return np.full(batch.num_rows, len(bins) - 1, dtype=np.intp), None
    column = batch.column(name)
    if isinstance(bins, NumericBins):
        return _numeric(numbers(column), bins)
    if name in CLASSES:
        return placed(bins, *categories(column, class_text)), None
    if pa.types.is_dictionary(column.type) and is_text(column.type.value_type):
        each = np.append(_text(column.dictionary, bins), len(bins) - 1)
        return each.take(places(column)), None
    return (_text if is_text(column.type) else _categorical)(column, bins), None


def _numeric(values: Floats, bins: NumericBins) -> Binned:
    low, high, whole = _ends(values)
    codes = bins.locator.locate(values, high)
    with np.errstate(over="ignore"):
        if high - bins.centre > BEYOND or bins.centre - low > BEYOND:
            distance = values - bins.centre
            codes[distance < -BEYOND] = 0
            codes[distance > BEYOND] = len(bins) - 2
            missing = np.isnan(values)
            values = np.where(np.abs(distance) > BEYOND, np.nan, values)
            codes[missing] = len(bins) - 1
            return codes, Known(values, np.flatnonzero(np.isnan(values)), *_ends(values)[:2])
    gaps = np.zeros(0, dtype=np.intp)
    if not whole:
        gaps = np.flatnonzero(np.isnan(values))
        codes[gaps] = len(bins) - 1
    return codes, Known(values, gaps, low, high)


def _ends(values: Floats) -> tuple[float, float, bool]:
    """Return the least and the greatest of the numbers there are, NaN without any, and whether none is missing."""
    if not len(values):
        return np.nan, np.nan, True
    low, high = float(values.min()), float(values.max())
    if low == low:  # noqa: PLR0124  NaN is not itself
        return low, high, True
    return float(np.fmin.reduce(values)), float(np.fmax.reduce(values)), False


def _text(column: pa.Array, bins: CategoricalBins) -> Codes:
    """Look texts up among the named categories, which is cheaper than to find out which ones there are."""
    found = pc.index_in(column, bins.named.cast(column.type), skip_nulls=True)
    if not found.null_count:
        return np.asarray(found, dtype=np.intp)
    others = found.is_null()
    codes = np.asarray(found.fill_null(0), dtype=np.intp)
    codes[others.to_numpy(zero_copy_only=False)] = _categorical(column.filter(others), bins)
    return codes


def _categorical(column: pa.Array, bins: CategoricalBins) -> Codes:
    codes, texts = categories(column, category_text)
    return np.asarray(_places(bins, texts).take(codes))


def placed(bins: CategoricalBins, codes: Ints, texts: list[str | None]) -> Codes:
    """Return the bin of each row from its code and the text of each code."""
    return _places(bins, texts).take(codes)


def _places(bins: CategoricalBins, texts: list[str | None]) -> Codes:
    """Return the bin of each text."""
    named = bins.codes
    return np.array([named[t] if t in named else _unnamed(bins, t) for t in texts] or [0], dtype=np.intp)


def _unnamed(bins: CategoricalBins, text: str | None) -> int:
    if text is None:
        return len(bins) - 1
    if not len(bins.known):
        return bins.unseen
    hashed = np.uint64(category_hash(text))
    at = int(np.searchsorted(bins.known, hashed))
    return bins.other if at < len(bins.known) and bins.known[at] == hashed else bins.unseen
