"""Doubles: of the rows of one id the latest counts, whatever the order; digests tell what changed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.profile.digest import Digest, digests
from monitor.profile.doubles import Doubles, row_hashes, without_doubles
from tests.profile.conftest import table

quick = settings(max_examples=40, deadline=None, derandomize=True)
DAY = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


def kept(batches: list[pa.RecordBatch]) -> list[dict[str, object]]:
    """Return what is left when doubles of one tile are gone, sorted."""
    doubles = Doubles()
    for batch in batches:
        doubles.add(np.zeros(len(batch), dtype=np.int64), row_hashes(batch))
    again = doubles.found().get(0, np.zeros(0, dtype=np.uint64))
    rows = [row for batch in without_doubles(batches, again) for row in batch.to_pylist()]
    return sorted(rows, key=repr)


rows = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c", None]), st.integers(0, 3), st.sampled_from([1.0, 10.0, 2.0, None, 0.5])),
    max_size=12,
)


@quick
@given(rows, st.integers(0, 10**6))
def test_the_latest_row_counts_whatever_the_order(made: list[tuple[str | None, int, float | None]], seed: int) -> None:
    """Of equal times the row whose values sort last; rows without an id stay; any order and cut gives the same."""
    batch = table(
        id=pa.array([r[0] for r in made], pa.string()),
        time=pa.array([DAY + dt.timedelta(seconds=r[1]) for r in made], pa.timestamp("us", "UTC")),
        score=pa.array([r[2] for r in made], pa.float64()),
    )
    text = {None: "", 1.0: "1", 10.0: "10", 2.0: "2", 0.5: "0.5"}
    best: dict[str, tuple[int, str]] = {}
    for name, at, score in made:
        if name is not None:
            best[name] = max(best.get(name, (-1, "")), (at, text[score]))
    nameless = sorted((at, text[score]) for name, at, score in made if name is None)
    order = np.random.default_rng(seed).permutation(len(made))
    shuffled = batch.take(pa.array(order, pa.int64()))
    for batches in ([batch], [shuffled.slice(0, len(made) // 2), shuffled.slice(len(made) // 2)]):
        found = kept(batches)
        seconds = [int((r["time"] - DAY).total_seconds()) for r in found]  # type: ignore[operator]
        pairs = [(r["id"], at, text[r["score"]]) for r, at in zip(found, seconds, strict=True)]  # type: ignore[index]
        assert {p[0]: p[1:] for p in pairs if p[0] is not None} == best
        assert sorted(p[1:] for p in pairs if p[0] is None) == nameless


@pytest.mark.parametrize(
    "column",
    [
        pa.array([b"\xff", b"\xfe"]),
        pa.array([[1], [2]]),
        pa.array([{"a": 1}, {"a": 2}]),
        pa.array([Decimal("1.5"), Decimal("2.5")]),
        pa.array([True, False]),
        pa.array(["x", None]).dictionary_encode(),
        pa.array([dt.timedelta(1), None]),
        pa.array([pa.MonthDayNano((1, 2, 3)), None]),
        pa.nulls(2),
        pa.array(np.array([1.5, 2], np.float16)),
        pa.array([2**64 - 1, 0], pa.uint64()),
    ],
    ids=lambda column: str(column.type),
)
def test_columns_of_any_type_do_not_hinder(column: pa.Array) -> None:
    """Doubles are told whatever else stands in the row, and the same row counts in both orders."""
    both = [pa.RecordBatch.from_pydict({"id": pa.array(["i"]), "column:x": column.slice(i, 1)}) for i in range(2)]
    assert len(kept(both)) == 1
    assert kept(both) == kept(both[::-1])


def test_batches_of_different_types_are_joined_as_text() -> None:
    """A column that is a number in one batch and a word in another is compared as text."""
    one, two = table(id=["i", "j"], column_x=[1.5, 2.0]), table(id=["i"], column_x=["word"])
    found = kept([one, two])
    assert [str(r["column:x"]) for r in found if r["id"] == "i"] == ["word"]
    assert kept([two, one])[0]["id"] == "i"


def test_lists_are_identified_by_request_and_item() -> None:
    """Without an id a row of a list is its request and item."""
    batch = table(query=["q", "q", "r"], item=["a", "a", "a"], rank=[1, 2, 3])
    assert [r["rank"] for r in kept([batch])] == [2, 3]
    assert row_hashes(table(column_x=[1.0])) is None


def test_doubles_are_told_tile_by_tile() -> None:
    """The same id in two tiles is two rows."""
    doubles = Doubles()
    doubles.add(np.array([0, 1, 1, 2]), row_hashes(table(id=["a", "a", "a", "b"])))
    assert list(doubles.found()) == [1]
    assert Doubles().found() == {}


labels = st.lists(
    st.tuples(st.integers(0, 50), st.sampled_from([None, 0, 1])), min_size=1, max_size=15, unique_by=lambda r: r[0]
)


@quick
@given(labels, st.integers(0, 10**6))
def test_a_digest_does_not_depend_on_order_and_sees_every_change(made: list[tuple[int, int | None]], seed: int) -> None:
    """Any order and cut gives one digest; a label changes what stands behind the colon only, an id both."""

    def text(some: list[tuple[int, int | None]]) -> str:
        batch = table(id=pa.array([r[0] for r in some]), target=pa.array([r[1] for r in some], pa.int64()))
        cut = seed % (len(some) + 1)
        pieces = [batch.slice(0, cut), batch.slice(cut)]
        total = Digest()
        for piece in pieces:
            for digest in digests(piece, np.zeros(len(piece), dtype=np.int64)).values():
                total = total + digest
        return total.text

    before = text(made)
    assert text([made[i] for i in np.random.default_rng(seed).permutation(len(made))]) == before
    relabelled = [(made[0][0], 1 if made[0][1] != 1 else 0), *made[1:]]
    assert text(relabelled).split(":")[0] == before.split(":")[0]
    assert text(relabelled).split(":")[1] != before.split(":")[1]
    renamed = [(99, made[0][1]), *made[1:]]
    assert text(renamed).split(":")[0] != before.split(":")[0]


def test_swapping_two_labels_is_a_change() -> None:
    """Labels belong to ids."""
    one, other = (table(id=[1, 2], target=t) for t in ([0, 1], [1, 0]))
    at = np.zeros(2, dtype=np.int64)
    assert digests(one, at)[0].text != digests(other, at)[0].text
    assert digests(one, np.array([3, 5])).keys() == {3, 5}
