"""Bins of whole columns: texts looked up by Arrow, and sums that are standardised after the fact."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from monitor.profile.binned import coded
from monitor.profile.bins import CategoricalBins
from monitor.profile.freeze import categorical_bins
from tests.profile.conftest import read, table

TEXTS = ["a", "ü", "", None, "rare", "new", "a"]


def _bins(column: pa.Array, bins: CategoricalBins) -> list[int]:
    codes, each = coded(column, bins)
    found: list[int] = (codes if each is None else each.take(codes)).tolist()
    return found


@pytest.mark.parametrize(
    "column",
    [
        pa.array(TEXTS),
        pa.array(TEXTS, pa.large_string()),
        pa.array(TEXTS, pa.string_view()),
        pa.array(TEXTS).dictionary_encode(),
        pa.array([None, *TEXTS]).slice(1),
    ],
    ids=["string", "large", "view", "dictionary", "slice"],
)
def test_texts_fall_into_the_bins_of_their_names(column: pa.Array) -> None:
    """Named, other, unseen and missing texts are told apart whatever Arrow stores them as."""
    names = {f"k{i}": 3 for i in range(997)} | {"a": 9, "ü": 8, "": 7, "rare": 1}
    bins = categorical_bins(names)
    assert _bins(column, bins) == [0, 1, 2, len(bins) - 1, bins.other, bins.unseen, 0]


def test_a_category_that_is_no_utf8_does_not_catch_missing_values() -> None:
    """Half a surrogate pair, which Arrow cannot hold, leaves the others and null where they belong."""
    bins = categorical_bins({"a": 3, "\ud800": 2, "b": 1})
    assert _bins(pa.array(["b", None, "a"]), bins) == [2, len(bins) - 1, 0]


def test_moments_of_tiny_and_huge_spread_are_those_of_the_scaled_columns() -> None:
    """A deviation whose square is no float any more, or almost none, changes no standardised moment."""
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=500), rng.normal(size=500)
    scaled = read("binary", table(column_x=x * 1e-120, column_y=(x + y) * 1e90)).moments
    plain = read("binary", table(column_x=x, column_y=x + y)).moments
    assert scaled.second == pytest.approx(plain.second, rel=1e-9)
    assert scaled.first == pytest.approx(plain.first, abs=1e-9)
