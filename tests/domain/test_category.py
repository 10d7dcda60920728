"""Categories and classes have one text, whatever type they were logged as."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.category import category_hash, category_text, class_order, class_text

quick = settings(max_examples=100, deadline=None, derandomize=True)
anything = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(), st.text(max_size=8), st.binary(max_size=4),
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-1000, max_value=1000),
)  # fmt: skip


@quick
@given(anything)
def test_a_text_is_its_own_text(value: object) -> None:
    """Both texts are stable: taken again they do not change, and missing stays missing."""
    text, cls = category_text(value), class_text(value)
    assert category_text(text) == text
    assert class_text(cls) == cls
    assert (text is None) == (cls is None)
    assert class_text(text) == cls


@quick
@given(st.integers(-(2**53) + 1, 2**53 - 1))
def test_a_whole_number_is_one_class_and_category_in_every_type(value: int) -> None:
    """Integers, floats and decimals of one value are one category; their text is one class too."""
    assert category_text(value) == category_text(float(value)) == category_text(Decimal(value)) == str(value)
    assert class_text(value) == class_text(float(value)) == class_text(str(value)) == class_text(f" {value}.0 ")


@quick
@given(st.integers(2**53, 2**70))
def test_large_integers_keep_their_identity(value: int) -> None:
    """Beyond 2^53 neighbours stay apart, as categories and as classes."""
    assert category_text(value) != category_text(value + 1)
    assert class_text(value) != class_text(value + 1)


@quick
@given(st.lists(anything, max_size=8))
def test_classes_have_an_order(values: list[object]) -> None:
    """Numbers come by size, then text, then missing; the order does not depend on where one starts."""
    texts = [class_text(v) for v in values]
    found = sorted(texts, key=class_order)
    backwards = texts[::-1]
    assert found == sorted(backwards, key=class_order)
    numbers = [float(t) for t in found if t is not None and class_order(t)[0] == 0]
    assert numbers == sorted(numbers)
    assert None not in found[: len(found) - found.count(None)]


@pytest.mark.parametrize(
    ("value", "category", "cls"),
    [
        (True, "true", "1"),
        (False, "false", "0"),
        (np.True_, "true", "1"),
        ("TRUE", "TRUE", "1"),
        (1, "1", "1"),
        (1.0, "1", "1"),
        (-0.0, "0", "0"),
        (np.float16(1.5), "1.5", "1.5"),
        (np.float32(2.0), "2", "2"),
        (np.int64(3), "3", "3"),
        ("01", "01", "1"),
        ("1e3", "1e3", "1000"),
        ("1_000", "1_000", "1_000"),
        ("", "", ""),
        (" ", " ", " "),
        ("-", "-", "-"),
        ("+5", "+5", "5"),
        ("nan", "nan", "nan"),
        ("inf", "inf", "inf"),
        (float("inf"), "inf", "inf"),
        (float("nan"), None, None),
        (1e308, "1e+308", "1" + "0" * 308),
        (Decimal("1.50"), "1.5", "1.5"),
        (Decimal(100), "100", "100"),
        (Decimal("1E+3"), "1000", "1000"),
        (Decimal("-0.0"), "0", "0"),
        (Decimal("NaN"), None, None),
        (b"ab\xff", "ab\\xff", "ab\\xff"),
        (date(2024, 1, 2), "2024-01-02", "2024-01-02"),
        (datetime(2024, 1, 2, tzinfo=UTC), "2024-01-02 00:00:00+00:00", "2024-01-02 00:00:00+00:00"),
        ("\ud800", "\ud800", "\ud800"),
        ("9" * 401, "9" * 401, "9" * 401),
    ],
)
def test_each_kind_of_value_has_its_text(value: object, category: str | None, cls: str | None) -> None:
    """The texts that measurements show."""
    assert (category_text(value), class_text(value)) == (category, cls)


def test_a_hash_is_the_same_everywhere() -> None:
    """Hashes of categories are stored, so they may never change; lone surrogates have one too."""
    assert category_hash("JFK") == 195223386312801468
    assert category_hash("\ud800") != category_hash("\ud801")
