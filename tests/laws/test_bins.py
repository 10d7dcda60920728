"""Laws of bins: freezing, locating and folding, for every awkward set of values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from monitor.domain.category import category_hash
from monitor.profile.bins import BEYOND, CategoricalBins, NumericBins
from monitor.profile.fold import fold_numeric
from monitor.profile.freeze import CATEGORIES, DISTINCT, EQUAL_WIDTH, QUANTILES, categorical_bins, numeric_bins
from monitor.profile.locate import Locator

quick = settings(max_examples=60, deadline=None, derandomize=True)
SPECIAL = [float("nan"), np.inf, -np.inf, -0.0, 0.0, 5e-324, -5e-324, 1e308, -1e308, 1.0, np.nextafter(1.0, 2), 2.0**53]
awkward = st.one_of(st.floats(), st.sampled_from(SPECIAL), st.integers(-3, 3).map(float))
columns = st.lists(awkward, max_size=60).map(lambda values: np.array(values, dtype=float))


def locate(edges: np.ndarray, values: np.ndarray) -> None:
    """Demand what numpy says, on the fast path (many values) and the slow one (few)."""
    values = values[~np.isnan(values)]  # whoever locates looks after those
    many = np.tile(values, -(-3000 // max(1, len(values)))) if len(values) else values
    for chosen in (values, many):
        expected = np.searchsorted(edges, chosen, side="right")
        assert np.array_equal(Locator.build(edges).locate(chosen), expected)


@quick
@given(hnp.arrays(float, st.integers(0, 80), elements=st.floats(allow_nan=False, allow_infinity=False)), columns)
def test_locating_is_binary_search(edges: np.ndarray, values: np.ndarray) -> None:
    """For any finite edges the bin is ``np.searchsorted``'s, for values on, beside and far from edges too."""
    edges = np.unique(edges)
    with np.errstate(over="ignore"):  # the neighbour of the greatest float is infinity
        near = np.concatenate([edges, np.nextafter(edges, np.inf), np.nextafter(edges, -np.inf), values, SPECIAL])
    locate(edges, near)


@pytest.mark.parametrize(
    "edges",
    [
        np.array([]),
        np.array([1.0]),
        np.array([1.0, np.nextafter(1.0, 2)]),
        np.nextafter(np.zeros(300), 1) * np.arange(300.0),
        np.r_[-1e308, np.linspace(0, 1, 1000), 1e308],
        np.r_[np.linspace(0, 1e-300, 500), 1.0],
        np.unique(np.r_[0.5, np.nextafter(0.5, 1), np.linspace(0, 1, 1024), np.full(9, 0.25)]),
        2.0**53 + 2.0 * np.arange(400),
        np.geomspace(1e-308, 1e308, 700),
        np.r_[-np.geomspace(1e-5, 1e5, 300)[::-1], np.geomspace(1e-5, 1e5, 300)],
    ],
    ids=["none", "one", "point", "subnormal", "huge ends", "tiny", "mixed", "beyond 2^53", "geometric", "two-sided"],
)
def test_locating_is_binary_search_on_crowded_edges(edges: np.ndarray) -> None:
    """Edges that crowd together, or span all floats, are found exactly."""
    rng = np.random.default_rng(1)
    between = (
        rng.uniform(edges[0], edges[-1], 5000)
        if len(edges) > 1 and np.abs(edges).max() < 1e300
        else rng.normal(size=5000)
    )
    locate(edges, np.concatenate([edges, np.nextafter(edges, np.inf), np.nextafter(edges, -np.inf), between, SPECIAL]))


def usable(values: np.ndarray) -> np.ndarray:
    return values[np.isfinite(values) & (np.abs(values) <= BEYOND)]


@quick
@given(columns, st.booleans())
def test_frozen_bins_hold_every_reference_row(values: np.ndarray, score: bool) -> None:
    """Mass counts all rows; only what is infinite or beyond 1e100 lies outside the range, only NaN is missing."""
    bins = numeric_bins(values, score=score)
    finite = usable(values)
    assert bins.mass.sum() == len(values)
    assert bins.mass[-1] == np.isnan(values).sum()
    if len(finite):
        outside = np.isinf(values) | (np.abs(values) > BEYOND)
        assert bins.mass[0] + bins.mass[-2] == outside.sum()
    assert (np.diff(bins.edges) > 0).all()
    assert bins.centre == pytest.approx(finite.mean() if len(finite) else 0.0)
    assert bins.deviation == pytest.approx(finite.std(ddof=1) if len(finite) > 1 else 0.0, rel=1e-9, abs=1e-9)


@quick
@given(columns)
def test_few_values_have_points_and_gaps(values: np.ndarray) -> None:
    """Every distinct value has a bin of its own, what lies between two neighbours another."""
    bins = numeric_bins(values)
    distinct = np.unique(usable(values))
    codes = bins.locate(distinct)
    assert len(np.unique(codes)) == len(distinct)
    assert bins.points[codes].all()
    between = (distinct[:-1] + distinct[1:]) / 2
    between = between[(between > distinct[:-1]) & (between < distinct[1:])] if len(distinct) > 1 else between[:0]
    assert not bins.points[bins.locate(between)].any()
    if len(distinct):
        assert bins.locate(np.array([-np.inf, np.inf, np.nan])).tolist() == [0, len(bins) - 2, len(bins) - 1]


def test_many_values_have_quantile_bins_and_heavy_points() -> None:
    """A zero-inflated column keeps its zeros apart, and no other bin holds more than 2/1024 of the rows."""
    values = np.r_[np.zeros(30_000), np.random.default_rng(3).exponential(size=70_000)]
    bins = numeric_bins(values)
    zero = bins.locate(np.zeros(1))[0]
    assert (bins.points[zero], bins.mass[zero]) == (True, 30_000)
    assert np.delete(bins.mass, zero).max() <= 2 * len(values) / QUANTILES
    assert len(bins) <= QUANTILES + 2 * DISTINCT
    assert (bins.mass[0], bins.mass[-2], bins.mass[-1]) == (0, 0, 0)


def test_scores_are_cut_at_equal_steps_too() -> None:
    """Probabilities have at least 999 equal steps, other scores do not."""
    values = np.random.default_rng(4).beta(1, 50, size=5000)
    steps = np.arange(1, EQUAL_WIDTH) / EQUAL_WIDTH
    assert np.isin(steps, numeric_bins(values, score=True).edges).all()
    assert not np.isin(steps, numeric_bins(values).edges).all()
    assert not np.isin(steps, numeric_bins(values * 50, score=True).edges).all()


@pytest.mark.parametrize(
    "values", [[], [np.nan] * 5, [np.inf, -np.inf], [1e308]], ids=["none", "missing", "inf", "huge"]
)
def test_columns_without_usable_values_have_no_inner_bins(values: list[float]) -> None:
    """Nothing usable: below, above and missing are all there is; later values still are counted."""
    bins = numeric_bins(np.array(values, dtype=float))
    assert len(bins.edges) == 0
    assert (bins.centre, bins.deviation) == (0.0, 0.0)
    assert bins.locate(np.array([1.0, np.nan])).tolist() == [0, 1]
    assert bins.fold(10).tolist() == sorted(bins.fold(10).tolist())


def test_order_and_sign_of_zero_do_not_change_the_bins() -> None:
    """The same values in another order freeze the same bins, negative zero or not."""
    one = numeric_bins(np.array([-0.0, 1.0, 0.0, 2.0]))
    other = numeric_bins(np.array([2.0, 0.0, 1.0, -0.0]))
    assert one.edges.tobytes() == other.edges.tobytes()
    assert one.mass.tolist() == other.mass.tolist()


counts = st.dictionaries(st.one_of(st.none(), st.text(max_size=3)), st.integers(1, 50), max_size=20)


@quick
@given(counts, st.randoms(use_true_random=False))
def test_categories_are_frozen_by_frequency_then_name(found: dict[str | None, int], random: object) -> None:
    """The order in which categories were met does not matter; mass counts all rows."""
    bins = categorical_bins(found)
    again = categorical_bins(dict(sorted(found.items(), key=hash, reverse=True)))
    assert (bins.categories, bins.mass.tolist()) == (again.categories, again.mass.tolist())
    assert bins.mass.sum() == sum(found.values())
    assert list(bins.categories) == sorted((t for t in found if t is not None), key=lambda t: (-found[t], t))


def test_the_thousand_and_first_category_is_other() -> None:
    """The 1000 most frequent have bins; rarer ones are other, known by their hash; the rest is unseen."""
    bins = categorical_bins({f"c{i:05}": 20_000 - i for i in range(10_000)})
    assert len(bins.categories) == CATEGORIES
    assert len(bins.known) == 9_000
    assert np.uint64(category_hash("c09999")) in bins.known
    assert (np.diff(bins.known.astype(object)) > 0).all()
    assert (bins.other, bins.unseen, len(bins)) == (1000, 1001, 1003)
    assert bins.mass[bins.other] == sum(20_000 - i for i in range(1000, 10_000))


masses = hnp.arrays(np.int64, st.integers(3, 60), elements=st.integers(0, 200))


@quick
@given(masses, st.integers(2, 20), st.integers(0, 10**6))
def test_folding_keeps_order_and_missing_apart(mass: np.ndarray, k: int, seed: int) -> None:
    """Coarse bins are runs of fine ones, counted from 0, the last fine bin alone."""
    points = np.random.default_rng(seed).random(len(mass)) < 0.3
    points[[0, -1]] = False
    points[-2] = False
    fold = fold_numeric(mass, points, k)
    assert fold[0] == 0
    assert set(np.diff(fold)) <= {0, 1}
    assert fold[-1] == fold[-2] + 1
    total = mass[:-1].sum()
    heavy = np.flatnonzero(points[:-1] & (mass[:-1] * k >= total) & (mass[:-1] > 0))
    assert all((fold == fold[i]).sum() == 1 for i in heavy)
    if points[1]:
        assert fold[1] != fold[0] or len(mass) == 3
    if points[-3] and len(mass) > 3:
        assert fold[-3] != fold[-2]


@quick
@given(st.integers(1, 400).map(lambda n: np.arange(n) % 97 * 1.0), st.sampled_from([5, 10, 20]))
def test_folding_splits_the_mass_evenly(values: np.ndarray, k: int) -> None:
    """No coarse bin holds more than its share and the heaviest fine bin beside it."""
    bins = numeric_bins(values)
    coarse = np.bincount(bins.fold(k), bins.mass)
    assert coarse.sum() == len(values)
    assert coarse.max() <= 2 * len(values) / k + bins.mass.max()


def test_a_constant_stays_apart_from_what_lies_beside_it() -> None:
    """Below, at and above a constant are three coarse bins, so that a moved constant is seen."""
    bins = numeric_bins(np.full(50, 3.0))
    fold = bins.fold(10)
    assert len({*fold.tolist()}) == 4
    assert bins.fold(10) is fold


def test_categories_are_not_folded() -> None:
    """Folding categories is the identity."""
    bins = categorical_bins({"a": 3, None: 1})
    assert bins.fold(10).tolist() == list(range(len(bins)))
    assert isinstance(bins, CategoricalBins)


@quick
@given(columns)
def test_bins_survive_being_rebuilt(values: np.ndarray) -> None:
    """Edges alone decide where values go."""
    assume(len(values))
    bins = numeric_bins(values)
    again = NumericBins(bins.edges.copy(), 0.0, 1.0, bins.mass)
    assert np.array_equal(bins.locate(values), again.locate(values))
