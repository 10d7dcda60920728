"""Whole numbers that lie close together are told apart without hashing, with the same outcome."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from monitor.domain.category import category_text, class_text
from monitor.profile.values import categories


@pytest.mark.parametrize("low", [0, -128, 100, 2**62, -(2**63)])
@pytest.mark.parametrize("kind", [pa.int8(), pa.int64(), pa.uint8(), pa.uint64()])
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("text", [category_text, class_text])
def test_each_row_has_the_text_of_its_value(low: int, kind: pa.DataType, *, gaps: bool, text: object) -> None:
    """Any width, sign and place on the line, with and without missing values."""
    span = 255 if kind.bit_width == 8 else 1_000
    values = [low + int(v) for v in np.random.default_rng(1).integers(0, span, 5_000)]
    try:
        column = pa.array([None if gaps and i % 7 == 0 else v for i, v in enumerate(values)], kind)
    except (pa.ArrowInvalid, OverflowError):
        return  # no such number in this type
    codes, texts = categories(column, text)  # type: ignore[arg-type]
    assert len(set(texts)) == len(texts)
    assert [texts[code] for code in codes] == [None if v is None else str(v) for v in column.to_pylist()]


def test_all_missing_is_one_code() -> None:
    """A column of whole numbers that are all missing has one code, whose text is None."""
    codes, texts = categories(pa.nulls(5_000, pa.int64()))
    assert texts == [None]
    assert not codes.any()
