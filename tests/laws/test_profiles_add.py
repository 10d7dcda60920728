"""Profiles add: any split of the rows, in any order, adds up to the whole, and wrong additions are caught."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import LayoutError
from monitor.profile.build import Builder, Place, build
from monitor.profile.layout import Layout
from monitor.profile.profile import Profile, add
from tests.laws.conftest import TASKS, differences, layout_of, model_of, scale_of, table_of

quick = settings(max_examples=10, deadline=None, derandomize=True)
seeds, sizes, tasks = st.integers(0, 10**6), st.integers(0, 40), st.sampled_from(TASKS)


def single_rows(layout: Layout, table: pa.RecordBatch) -> list[Profile]:
    """Return a profile for every row, of a list for every request, each a tile of its own."""
    step = 3 if layout.model.task == "ranking" else 1
    first, last = (0, 0) if not table.num_rows else (0, table.column("time").cast(pa.int64())[-1].as_py() + step)
    builder = Builder(layout, np.arange(first, last + step, step))
    builder.add(table)
    return [profile for place, profile in builder.finish().items() if place == Place(place.tile)]


@quick
@given(tasks, seeds, sizes)
def test_tiles_of_any_cut_give_the_window(task: str, seed: int, n: int) -> None:
    """Tiles of one row each, added in any order, are the window counted at once."""
    layout, table = layout_of(task), table_of(task, seed, n)
    whole = build(layout, [table])
    tiles = single_rows(layout, table)
    np.random.default_rng(seed).shuffle(tiles)
    assert differences(add([Profile(layout.fingerprint, {}), *tiles]), whole, scale_of(tiles)) == []


@quick
@given(tasks, seeds, sizes, st.integers(1, 5))
def test_any_split_into_batches_and_profiles_adds_up(task: str, seed: int, n: int, parts: int) -> None:
    """Rows dealt out to profiles at random, each fed in small batches, add up to the whole."""
    layout, table = layout_of(task), table_of(task, seed, n)
    rng = np.random.default_rng(seed)
    unit = np.arange(n) // 3 if task == "ranking" else np.arange(n)
    owner = rng.integers(parts, size=n + 1)[unit]
    pieces = []
    for part in range(parts):
        rows = rng.permutation(np.flatnonzero(owner == part))
        cuts = np.sort(rng.integers(0, len(rows) + 1, size=3))
        pieces.append(build(layout, [table.take(pa.array(r)) for r in np.split(rows, cuts)]))
    assert differences(add(pieces), build(layout, [table]), scale_of(single_rows(layout, table))) == []


@quick
@given(tasks, seeds, st.integers(3, 30))
def test_adding_is_associative_and_commutative_and_has_a_zero(task: str, seed: int, n: int) -> None:
    """The order and grouping of additions do not matter, and the empty profile adds nothing."""
    layout = layout_of(task)
    a, b, c = (build(layout, [table_of(task, seed + i, n)]) for i in range(3))
    scale = scale_of([a, b, c])
    zero = Profile(layout.fingerprint, {})
    assert differences((a + b) + c, a + (b + c), scale) == []
    assert differences(a + b, b + a, scale) == []
    assert differences(a + zero, a) == []
    assert differences(zero + a, a) == []
    assert build(layout, []).parts == {}


@quick
@given(tasks, seeds, sizes)
def test_versions_and_segments_count_what_a_filter_would(task: str, seed: int, n: int) -> None:
    """The profile of a version is that of its rows alone."""
    layout, table = layout_of(task), table_of(task, seed, n)
    builder = Builder(layout)
    builder.add(table)
    found = builder.finish()
    for version in ("v1", "v2"):
        rows = [i for i, v in enumerate(table.column("version").to_pylist()) if v == version]
        alone = table.take(pa.array(rows, pa.int64()))
        got = found.get(Place(0, version=version))
        if not rows:
            assert got is None
        elif task != "ranking":  # a list belongs to the version of its first row
            assert differences(got, build(layout, [alone]), scale_of(single_rows(layout, alone))) == []


def forget_one(profiles: list[Profile]) -> Profile:
    return add(profiles[1:]) if len(profiles) > 1 else profiles[0]


def change_part(change: Callable[..., object]) -> Callable[[list[Profile]], Profile]:
    """Return an addition that spoils every tally of its result."""

    def wrong(profiles: list[Profile]) -> Profile:
        whole = add(profiles)
        return replace(whole, parts={n: replace(t, **change(t, profiles)) for n, t in whole.parts.items()})  # type: ignore[arg-type]

    return wrong


WRONG: dict[str, Callable[[list[Profile]], Profile]] = {
    "forgets a tile": forget_one,
    "counts a tile twice": lambda profiles: add([profiles[0], *profiles]),
    "keeps the first sums": change_part(lambda t, p: {"sums": t.sums * (1 + 1e-9)}),
    "rounds the extremes": change_part(lambda t, p: {"highs": np.floor(t.highs)}),
    "moves a cell": change_part(lambda t, p: {"cells": np.roll(t.cells, 1)}),
    "drops the weights": change_part(lambda t, p: {"weights": np.zeros(len(t.weights))}),
}


@pytest.mark.parametrize("adding", WRONG.values(), ids=WRONG)
def test_a_wrong_addition_breaks_the_law(adding: Callable[..., Profile]) -> None:
    """The law holds for the addition that is, and for none of the wrong ones."""
    layout, table = layout_of("binary"), table_of("binary", 7, 40)
    whole, tiles = build(layout, [table]), single_rows(layout, table)
    assert differences(add(tiles), whole, scale_of(tiles)) == []
    assert differences(adding(tiles), whole, scale_of(tiles)) != []


def test_different_bins_refuse_to_add() -> None:
    """Profiles of different fingerprints say so instead of adding nonsense."""
    one = build(layout_of("binary"), [table_of("binary", 1, 5)])
    other = build(layout_of("regression"), [table_of("regression", 1, 5)])
    with pytest.raises(LayoutError, match="different bins"):
        add([one, other])
    with pytest.raises(LayoutError):
        _ = one + other


def test_a_column_that_a_batch_lacks_counts_as_missing() -> None:
    """A column that is gone is missing in every row, and the rows still count."""
    layout, table = layout_of("binary"), table_of("binary", 3, 20)
    without = table.drop_columns(["column:x", "score", "target"])
    empty = table
    for name in ("column:x", "score", "target"):
        at = table.schema.get_field_index(name)
        empty = empty.set_column(at, name, pa.nulls(20, table.schema.field(name).type))
    assert differences(build(layout, [without]), build(layout, [empty])) == []
    assert model_of("binary").columns.keys() == layout.bins.keys()
