"""Binned columns: the bin of every row of one column, and for numbers the values that are summed up."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitor.domain.category import category_hash, category_text
from monitor.profile.bins import BEYOND, CategoricalBins, Floats, Ints, NumericBins
from monitor.profile.locate import Codes
from monitor.profile.values import categories, is_text, places


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


def coded(column: pa.Array, bins: CategoricalBins) -> tuple[Codes, Codes | None]:
    """Return a code for each row of a column and the bin of each code; None where the codes are the bins."""
    if pa.types.is_dictionary(column.type) and is_text(column.type.value_type):
        return places(column), np.append(_text(column.dictionary, bins), len(bins) - 1)
    if is_text(column.type):
        return _text(column, bins), None
    codes, texts = categories(column, category_text)
    return codes, bins_of(bins, texts)


def binned_numbers(values: Floats, bins: NumericBins) -> tuple[Codes, Known]:
    """Return the bin of each number, and what is known of the numbers."""
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
        return np.asarray(found)
    others = found.is_null()
    codes = np.array(found.fill_null(0))
    rest, texts = categories(column.filter(others), category_text)
    codes[others.to_numpy(zero_copy_only=False)] = bins_of(bins, texts).take(rest)
    return codes


def bins_of(bins: CategoricalBins, texts: list[str | None]) -> Codes:
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
