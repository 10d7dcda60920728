"""Counts of columns, moments, rows, operations and lists against plain Python and numpy on awkward data."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from monitor.profile.build import VERSIONS, Builder, Place, build
from monitor.profile.freezer import SAMPLE, Freezer, freeze
from monitor.profile.magnitude import magnitude, middle
from monitor.profile.reading import Reading
from tests.profile.conftest import model, read, table

NAN = float("nan")
DAY = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


def test_numeric_columns_are_counted_over_their_bins() -> None:
    """Bins, missing, out-of-range and the sums of finite values, infinite ones left out of the sums."""
    reference = table(column_x=[1.0, 1.0, 2.0, 3.0])
    values = [1.0, 2.0, 2.5, NAN, None, np.inf, -np.inf, 1e308, -5.0, 3.0]
    found = read("binary", table(column_x=values), reference).histogram("column:x")
    assert (found.n, found.missing, found.out_of_range) == (10, 2, 4)
    assert found.counts.tolist() == [2, 1, 0, 1, 1, 1, 2, 2]
    finite = [1.0, 2.0, 2.5, -5.0, 3.0]
    assert (found.finite, found.minimum, found.maximum) == (5, -5.0, 3.0)
    assert found.mean == pytest.approx(np.mean(finite))
    assert found.variance == pytest.approx(np.var(finite, ddof=1))
    assert found.bin_sums.sum() == pytest.approx(sum(v - found.bins.centre for v in finite))


def test_small_spread_far_from_zero_is_kept() -> None:
    """The deviation of 1e7 ± 0.1 is 0.1, not 0."""
    values = 1e7 + np.random.default_rng(1).normal(size=1000) * 0.1
    found = read("binary", table(column_x=values)).histogram("column:x")
    assert found.variance == pytest.approx(np.var(values, ddof=1), rel=1e-9)


def test_categories_are_counted_with_other_unseen_and_missing() -> None:
    """10 000 reference categories: 1000 by name, the rest other; what is new is unseen."""
    names = [f"c{i:05}" for i in range(10_000)]
    reference = table(column_x=names + names[:2000])
    now = table(column_x=[*names, "new", "名", None, "c00000"])
    found = read("binary", now, reference).histogram("column:x")
    assert (found.n, found.missing, found.unseen) == (10_004, 1, 2)
    assert found.counts[:1000].sum() == 1001
    assert found.counts[1000] == 9000


def test_large_integers_and_booleans_keep_their_identity_as_categories() -> None:
    """Neighbours beyond 2^53 have bins of their own; booleans and 0/1 are not the same."""
    big = [2**53, 2**53 + 1, 2**53 + 1, 2**60 + 1]
    batch = pa.RecordBatch.from_pydict({"column:x": pa.array(big), "column:b": pa.array([True, True, False, None])})
    spec = model("binary", table(column_x=["a"], column_b=["a"]))
    layout = freeze(spec, [batch])
    reading = Reading(layout, build(layout, [batch]))
    bins = reading.histogram("column:x").bins
    assert dict(zip(bins.categories, reading.histogram("column:x").counts.tolist(), strict=False)) == {
        str(2**53): 1, str(2**53 + 1): 2, str(2**60 + 1): 1,
    }  # fmt: skip
    assert reading.histogram("column:b").bins.categories == ("true", "false")
    ones = build(layout, [batch.set_column(1, "column:b", pa.array([1, 1, 0, None]))])
    assert Reading(layout, ones).histogram("column:b").unseen == 3


def test_a_type_that_changes_is_counted() -> None:
    """Numbers that arrive as text are parsed, words where numbers were are missing, categories as numbers are texts."""
    reference = table(column_x=[1.0, 2.0, 3.0], column_c=["1", "2", "x"])
    layout = freeze(model("binary", reference), [reference])
    changed = table(column_x=["2", "word", " 3 "], column_c=[1, 2, 3])
    reading = Reading(layout, build(layout, [reference, changed]))
    assert reading.histogram("column:x").missing == 1
    assert reading.histogram("column:x").mean == pytest.approx(11 / 5)
    assert reading.histogram("column:c").counts.tolist() == [2, 2, 1, 0, 1, 0]


def test_moments_are_numpys() -> None:
    """Means and covariances of standardised features; missing counts as the mean, constants are left out."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=(300, 3)) @ rng.normal(size=(3, 3)) + [1e6, 0, -5]
    batch = table(column_a=x[:, 0], column_b=x[:, 1], column_c=x[:, 2], column_k=np.full(300, 7.0))
    found = read("binary", batch).moments
    z = (x - x.mean(axis=0)) / x.std(axis=0, ddof=1)
    assert found.columns == ("column:a", "column:b", "column:c")
    np.testing.assert_allclose(found.covariance, np.cov(z.T, ddof=0), atol=1e-9)
    np.testing.assert_allclose(found.second, z.T @ z, atol=1e-8)
    holes = table(column_a=[NAN, 1.0], column_b=[None, 2.0], column_c=[np.inf, 3.0], column_k=[7.0, 7.0])
    assert read("binary", holes, batch).moments.n == 2
    assert np.isfinite(read("binary", holes, batch).moments.second).all()


def test_rows_are_counted_with_labels_early_and_late() -> None:
    """NaN is no label, and a label stamped before its prediction is early."""
    time = [DAY] * 5
    seen = [DAY - dt.timedelta(1), DAY, None, DAY - dt.timedelta(1), DAY + dt.timedelta(1)]
    batch = table(time=time, target=[1.0, 0.0, 1.0, NAN, None], target_time=seen)
    rows = read("binary", batch).rows
    assert (rows.rows, rows.read, rows.labelled, rows.early) == (5, 5, 3, 1)


def test_operations_count_failures_and_latency() -> None:
    """Codes from 500 on and words that are not fine fail; negative or missing latency is no latency."""
    status = [200, 500, 404, 503, None, 200]
    batch = table(status=status, latency_ms=[1.0, 250.0, NAN, -1.0, 0.0, None])
    found = read("binary", batch).operations
    assert found is not None
    assert (found.rows, found.with_status, found.errors) == (6, 5, 2)
    assert found.size_counts.tolist() == [1, 1, 1]
    assert found.sizes == pytest.approx([0, 1, 250], rel=1e-3)
    words = read("binary", table(status=["ok", "Success", "timeout", "true", "", None, "418"])).operations
    assert words is not None
    assert (words.with_status, words.errors) == (6, 1)


def test_magnitudes_are_right_within_a_thousandth() -> None:
    """The size that stands for a bin is near every size in it, from the smallest to the largest."""
    sizes = np.r_[0.0, np.geomspace(1e-99, 1e99, 4001)]
    assert middle(magnitude(sizes)) == pytest.approx(sizes, rel=1.01e-3)
    assert magnitude(np.array([0.0, 5e-324, 1e308])).tolist()[:2] == [0, 0]
    assert (np.diff(magnitude(sizes)) >= 0).all()


def lists(requests: list[list[tuple[str, float | None, float | None]]]) -> dict[str, list[object]]:
    """Make rows of recommended lists: item, rank, relevance."""
    rows = [(f"q{q}", *row) for q, request in enumerate(requests) for row in request]
    return {name: [row[i] for row in rows] for i, name in enumerate(("query", "item", "rank", "target"))}


def test_lists_are_judged_whole_though_batches_cut_them() -> None:
    """A request whose rows lie in many batches is one list."""
    rng = np.random.default_rng(3)
    made = lists([[(f"i{rng.integers(30)}", r, float(rng.random() < 0.3)) for r in range(1, 6)] for _ in range(40)])
    batch = table(**made)
    layout = freeze(model("ranking", batch, k=(1, 3)), [batch])
    whole = Reading(layout, build(layout, [batch])).rankings()
    order = np.random.default_rng(4).permutation(len(batch))
    apart = Reading(layout, build(layout, [batch.take(pa.array([i])) for i in order])).rankings()
    assert whole.keys() == apart.keys() == {((), 1), ((), 3)}
    for key, found in whole.items():
        assert (found.queries, found.recommended, found.items) == (40, apart[key].recommended, len(set(made["item"])))
        for name, moments in found.moments.items():
            assert apart[key].of(name) == pytest.approx(moments, rel=1e-12)


def test_ties_and_missing_ranks_do_not_depend_on_order() -> None:
    """Equal places are told apart by the item, a missing place is the last, a missing label is relevance 0."""
    made = lists([[("a", 1, 1), ("b", 1, 0), ("c", None, 1), ("d", 2, None)]])
    batch = table(**made)
    layout = freeze(model("ranking", batch, k=(3,)), [batch])
    seen = set()
    for seed in range(6):
        order = np.random.default_rng(seed).permutation(4)
        ((_, found),) = Reading(layout, build(layout, [batch.take(pa.array(order))])).rankings().items()
        seen.add(tuple(round(float(found.of(m)[1]), 12) for m in ("precision", "recall", "ndcg", "mrr")))
    assert len(seen) == 1
    assert next(iter(seen))[0] == pytest.approx(1 / 3)
    assert next(iter(seen))[1] == pytest.approx(1 / 2)


def test_items_the_reference_never_had_are_not_coverage() -> None:
    """Coverage counts the reference's items among the first k."""
    reference = table(**lists([[("a", 1, 1), ("b", 2, 0)], [("c", 1, 0), ("d", 2, 1)]]))
    now = table(**lists([[("a", 1, 1), ("new", 2, 0)], [("newer", 1, 0), ("d", 2, 1)]]))
    found = read("ranking", now, reference, k=(1, 2)).rankings()
    assert {k: (r.recommended, r.items) for (_, k), r in found.items()} == {1: (1, 4), 2: (2, 4)}


def test_rows_without_a_version_count_in_the_total_only() -> None:
    """Each version has its own profile, the missing one none."""
    batch = table(column_x=[1.0, 2.0, 3.0, 4.0], version=["a", "b'; --", None, "a"])
    layout = freeze(model("binary", batch), [batch])
    builder = Builder(layout)
    builder.add(batch)
    found = {p: Reading(layout, profile).rows.rows for p, profile in builder.finish().items()}
    assert found == {Place(0): 4, Place(0, "a"): 2, Place(0, "b'; --"): 1}


def test_a_version_column_with_too_many_values_is_none() -> None:
    """A hundred versions in one tile are kept; with one more that tile keeps its total only."""
    names = [f"v{i}" for i in range(VERSIONS)]
    time = [DAY] * VERSIONS + [DAY + dt.timedelta(hours=1)] * (VERSIONS + 1)
    batch = table(time=time, column_x=[1.0] * (2 * VERSIONS + 1), version=[*names, *names, "more"])
    layout = freeze(model("binary", batch), [batch])
    starts = np.array([int((DAY + dt.timedelta(hours=h)).timestamp() * 1e6) for h in range(3)])
    builder = Builder(layout, starts)
    builder.add(batch)
    found = Counter(place.tile for place in builder.finish() if place.version)
    assert found == {0: VERSIONS}


def test_segments_are_those_of_the_reference() -> None:
    """A value the reference did not have has no segment; missing has one."""
    reference = table(column_x=[1.0, 2.0, 3.0], column_s=["a", 'b"é', None])
    layout = freeze(model("binary", reference, segments=("s",)), [reference])
    builder = Builder(layout)
    builder.add(table(column_x=[1.0, 2.0, 3.0, 4.0], column_s=["a", 'b"é', None, "new"]))
    places = {place.segment for place in builder.finish()}
    assert places == {"", '{"s":"a"}', '{"s":"b\\"é"}', '{"s":null}'}


def test_a_large_reference_is_sampled_the_same_in_any_order() -> None:
    """Beyond 262 144 rows the rows kept depend on their ids alone."""
    n = SAMPLE + 50_000
    rng = np.random.default_rng(5)
    batch = table(id=np.arange(n), column_x=rng.normal(size=n), column_c=rng.integers(0, 5, n).astype(str))
    spec = model("binary", batch)
    orders = [np.arange(n), rng.permutation(n)]
    layouts = [freeze(spec, [batch.take(pa.array(o[i : i + 100_000])) for i in range(0, n, 100_000)]) for o in orders]
    assert layouts[0].fingerprint == layouts[1].fingerprint
    assert layouts[0].bins["column:x"].mass.sum() == SAMPLE
    assert layouts[0].bins["column:c"].mass.sum() == n


def test_a_column_missing_from_the_reference_freezes_no_bins() -> None:
    """A feature that the reference lacks has no inner bins and no categories; later rows still count."""
    batch = table(column_x=[1.0, 2.0], column_c=["a", "b"])
    spec = model("binary", batch)
    freezer = Freezer(spec)
    freezer.add(pa.RecordBatch.from_pydict({"id": pa.array([1, 2])}))
    layout = freezer.finish()
    reading = Reading(layout, build(layout, [batch]))
    assert reading.histogram("column:x").n == 2
    assert reading.histogram("column:c").unseen == 2
