"""Every Arrow type gives numbers, categories and hashes; nothing that is in a column is lost or breaks it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from monitor.profile.hashing import hashes, texts
from monitor.profile.values import categories, numbers, present

NAN = float("nan")
NOON = dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)
EPOCH = NOON.timestamp()


def dictionary(indices: list[int | None], size: int, kind: Any) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(indices, kind), pa.array([str(i) for i in range(size)]))


CASES: dict[str, tuple[pa.Array, list[float], list[str | None]]] = {
    "ints": (pa.array([1, None, -3]), [1, NAN, -3], ["1", None, "-3"]),
    "beyond 2^53": (
        pa.array([2**53, 2**53 + 1, None]), [2.0**53, 2.0**53, NAN], ["9007199254740992", "9007199254740993", None],
    ),
    "uint64": (pa.array([2**64 - 1, 5], pa.uint64()), [2.0**64, 5], ["18446744073709551615", "5"]),
    "booleans": (pa.array([True, None, False]), [1, NAN, 0], ["true", None, "false"]),
    "floats": (pa.array([1.0, NAN, 0.5, None]), [1, NAN, 0.5, NAN], ["1", None, "0.5", None]),
    "float32": (pa.array([0.5, None], pa.float32()), [0.5, NAN], ["0.5", None]),
    "half floats": (pa.array(np.array([1.5, 2, NAN], np.float16)), [1.5, 2, NAN], ["1.5", "2", None]),
    "infinite": (pa.array([np.inf, -np.inf]), [np.inf, -np.inf], ["inf", "-inf"]),
    "decimals": (pa.array([Decimal("1.50"), None, Decimal("2.00")]), [1.5, NAN, 2], ["1.5", None, "2"]),
    "wide decimals": (pa.array([Decimal("1.50"), None], pa.decimal256(60, 2)), [1.5, NAN], ["1.5", None]),
    "text": (
        pa.array(["1", " 2 ", "x", "", None, "1_0"]), [1, 2, NAN, NAN, NAN, NAN],
        ["1", " 2 ", "x", "", None, "1_0"],
    ),
    "large text": (pa.array(["1e3", "inf", None], pa.large_string()), [1000, np.inf, NAN], ["1e3", "inf", None]),
    "text views": (pa.array(["1", None, "x"], pa.string_view()), [1, NAN, NAN], ["1", None, "x"]),
    "slice": (pa.array(["9", "1", None, "x"])[1:], [1, NAN, NAN], ["1", None, "x"]),
    "dictionary": (pa.array(["a", None, "a", "1"]).dictionary_encode(), [NAN, NAN, NAN, 1], ["a", None, "a", "1"]),
    "numbers in a dictionary": (pa.array([1.5, None, 1.5]).dictionary_encode(), [1.5, NAN, 1.5], ["1.5", None, "1.5"]),
    "a full int8 dictionary": (dictionary([127, None, 0], 128, pa.int8()), [127, NAN, 0], ["127", None, "0"]),
    "a full uint8 dictionary": (dictionary([255, None], 256, pa.uint8()), [255, NAN], ["255", None]),
    "a dictionary with a null in it": (
        pa.DictionaryArray.from_arrays(pa.array([0, 1, None]), pa.array([None, "b"])), [NAN] * 3, [None, "b", None],
    ),
    "runs": (
        pa.RunEndEncodedArray.from_arrays(pa.array([2, 3], pa.int32()), pa.array([1.0, 0.5])),
        [1, 1, 0.5], ["1", "1", "0.5"],
    ),
    "dates": (pa.array([dt.date(1970, 1, 2), None]), [86400, NAN], ["1970-01-02", None]),
    "date64": (pa.array([dt.date(1970, 1, 2)], pa.date64()), [86400], ["1970-01-02"]),
    "instants": (pa.array([NOON, None], pa.timestamp("us", "UTC")), [EPOCH, NAN], ["2024-01-01 12:00:00+00:00", None]),
    "a time zone": (
        pa.array([NOON], pa.timestamp("ns", "Europe/Berlin")), [EPOCH], ["2024-01-01 13:00:00+01:00"],
    ),
    "naive times": (pa.array([NOON.replace(tzinfo=None)], pa.timestamp("s")), [EPOCH], ["2024-01-01 12:00:00"]),
    "times of day": (pa.array([dt.time(1, 2), None]), [NAN, NAN], ["01:02:00", None]),
    "durations": (pa.array([dt.timedelta(1), None]), [NAN, NAN], ["1 day, 0:00:00", None]),
    "intervals": (
        pa.array([pa.MonthDayNano((1, 2, 3)), None]), [NAN, NAN],
        ["MonthDayNano(months=1, days=2, nanoseconds=3)", None],
    ),
    "bytes": (pa.array([b"ab", b"\xff", None]), [NAN] * 3, ["ab", "\\xff", None]),
    "large bytes": (pa.array([b"\xff\x00"], pa.large_binary()), [NAN], ["\\xff\x00"]),
    "fixed bytes": (pa.array([b"ab", None], pa.binary(2)), [NAN, NAN], ["ab", None]),
    "byte views": (pa.array([b"\xff", None], pa.binary_view()), [NAN, NAN], ["\\xff", None]),
    "lists": (pa.array([[1, 2], None, []]), [NAN] * 3, ["[1, 2]", None, "[]"]),
    "list views": (pa.array([[1], None], pa.list_view(pa.int32())), [NAN] * 2, ["[1]", None]),
    "structs": (pa.array([{"a": 1}, None]), [NAN] * 2, ["{'a': 1}", None]),
    "maps": (pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int32())), [NAN] * 2, ["[('a', 1)]", None]),
    "nulls": (pa.nulls(2), [NAN, NAN], [None, None]),
    "nothing": (pa.array([], pa.string()), [], []),
    "unicode": (pa.array(["é", "e\u0301", "名\x00前", "\u202e"]), [NAN] * 4, ["é", "e\u0301", "名\x00前", "\u202e"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_column_gives_numbers(name: str) -> None:
    """Numbers are float64, NaN where there is none."""
    column, expected, _ = CASES[name]
    found = numbers(column)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, np.array(expected, dtype=float))


@pytest.mark.parametrize("name", CASES)
def test_a_column_gives_categories(name: str) -> None:
    """Each row has a code, each code one text, equal texts one code."""
    column, _, expected = CASES[name]
    codes, names = categories(column)
    assert [names[c] for c in codes] == expected
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", CASES)
def test_a_column_gives_hashes(name: str) -> None:
    """Rows hash alike exactly when their texts are; missing hashes as the empty text."""
    column, _, _ = CASES[name]
    written = texts(column).fill_null("").to_pylist()
    found = hashes(column).tolist()
    assert len(found) == len(column)
    assert len(set(zip(found, written, strict=True))) == len(set(found)) == len(set(written))


@pytest.mark.parametrize("name", CASES)
def test_presence_agrees_with_categories(name: str) -> None:
    """A row is present exactly when it has a category."""
    column, _, expected = CASES[name]
    assert present(column).tolist() == [text is not None for text in expected]


def test_hashes_do_not_depend_on_type_or_batch() -> None:
    """The same id hashes the same as integer, float, text, dictionary or slice, in every process."""
    ids = [1, 22, 333, 4444]
    as_text = pa.array(["x", *map(str, ids)])[1:]
    expected = hashes(pa.array(ids)).tolist()
    for column in (pa.array(ids, pa.float64()), as_text, as_text.dictionary_encode(), as_text.cast(pa.large_string())):
        assert hashes(column).tolist() == expected
    assert expected[0] == 9932316855385411190  # stored in digests, so it may never change


def test_long_texts_differ_by_one_letter() -> None:
    """Every byte of a text counts, wherever it stands."""
    base = "abcdefgh" * 5
    different = [base[:i] + "X" + base[i + 1 :] for i in range(40)] + [base, base[:-1], base + "\x00"]
    assert len(set(hashes(pa.array(different)).tolist())) == len(different)


def test_ten_thousand_categories_keep_apart() -> None:
    """Many categories are no trouble."""
    names = [f"c{i}" for i in range(10_000)]
    codes, found = categories(pa.array(names * 2))
    assert found == names
    assert codes.tolist() == [*range(10_000)] * 2
