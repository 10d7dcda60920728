"""A tally that holds too many labels says so, whatever the order of adding."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.errors import LayoutError
from monitor.profile.slots import Slots, count
from monitor.profile.tally import LIMIT, Tally


def tally_of(labels: range) -> Tally:
    """Count one row per label."""
    code = np.arange(len(labels))
    slots = Slots.of(np.zeros(len(labels), dtype=np.int64), 1)
    names = [(f"{label:07d}",) for label in labels]
    return count(slots, code, 1, lambda present: [names[i] for i in present], sums=(np.ones(len(labels)),))[0]


def test_too_many_labels_overflow() -> None:
    """The limit itself fits, one more does not."""
    assert not tally_of(range(LIMIT)).overflowed
    one = tally_of(range(LIMIT + 1))
    assert (one.overflowed, one.keys, len(one.cells)) == (True, (), 0)


def test_an_overflow_absorbs_in_every_order() -> None:
    """Once over the limit nothing brings the labels back, and the order does not matter."""
    small, half, more = tally_of(range(3)), tally_of(range(LIMIT // 2)), tally_of(range(LIMIT // 2, LIMIT + 1))
    sums = [(half + more) + small, more + (small + half)]
    assert all(tally.overflowed and not tally.keys for tally in sums)
    assert (sums[0] + small).overflowed
    assert not (half + small).overflowed


def test_tallies_of_different_shapes_do_not_add() -> None:
    """Another width is another thing."""
    with pytest.raises(LayoutError):
        _ = Tally.empty(2) + Tally.empty(3)


def test_missing_sorts_last_and_is_not_the_empty_text() -> None:
    """A missing value and an empty text are two labels."""
    names = [(None,), ("",), ("b",)]
    slots = Slots.of(np.zeros(3, dtype=np.int64), 1)
    (tally,) = count(slots, np.arange(3), 1, lambda present: [names[i] for i in present])
    assert tally.keys == (("",), ("b",), (None,))
    assert (tally + tally).totals().tolist() == [2, 2, 2]
    assert (tally.row((None,)), tally.row(("c",))) == (2, None)


def test_sparse_and_dense_counting_agree() -> None:
    """Counting into one array and counting by sorting give the same tally."""
    rng = np.random.default_rng(5)
    code = rng.integers(0, 50_000_000, size=500)
    near = code % 50
    for codes, width in ((code, 100_000), (near, 10)):
        slots = Slots.of(np.sort(rng.integers(0, 4, size=500)), 4)
        found = count(slots, codes, width, lambda present: [(f"{p:09d}",) for p in present], weights=codes * 1.0)
        assert sum(int(t.counts.sum()) for t in found) == 500
        assert sum(float(t.weights.sum()) for t in found) == pytest.approx(codes.sum())
        for slot, tally in enumerate(found):
            rows = codes[slots.index == slot]
            cells = {
                (tally.keys[c // width][0], int(c % width)): int(n)
                for c, n in zip(tally.cells, tally.counts, strict=True)
            }
            expected: dict[tuple[str, int], int] = {}
            for value in rows:
                key = (f"{value // width:09d}", int(value % width))
                expected[key] = expected.get(key, 0) + 1
            assert cells == expected
