"""Batches that threads share out make the profiles that one after the other makes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pyarrow as pa

from monitor.profile.build import Builder
from monitor.profile.freezer import freeze
from tests.profile.conftest import model, table

ROWS = 9_000  # enough that addresses are added up by the sparse product


def _batch(seed: int) -> pa.RecordBatch:
    rng = np.random.default_rng(seed)
    return table(
        column_x=np.where(rng.random(ROWS) < 0.1, np.nan, rng.lognormal(0, 2, ROWS)),
        column_group=rng.choice(["a", "b", "c"], ROWS),
        version=rng.choice(["1", "2"], ROWS),
        prediction=rng.integers(0, 2, ROWS),
        target=rng.integers(0, 2, ROWS),
        score=rng.random(ROWS),
    )


def test_threads_change_no_bit() -> None:
    """Profiles by version, group and segment, to the last bit of their sums, whichever thread is first."""
    batches = [_batch(seed) for seed in range(12)]
    spec = model("binary", batches[0], groups=(("group",),), segments=("group",))
    layout = freeze(spec, batches[:1])
    one = Builder(layout)
    for batch in batches:
        one.add(batch)
    with ThreadPoolExecutor(3) as pool:
        many = Builder(layout, pool=pool)
        for batch in batches:
            many.add(batch)
        alone, together = one.finish(), many.finish()
    assert len(alone) == 6
    assert {place: profile.to_bytes() for place, profile in alone.items()} == {
        place: profile.to_bytes() for place, profile in together.items()
    }


def test_lists_are_gathered_in_order() -> None:
    """A ranking's requests that lie in two batches are judged whole."""
    batch = table(
        query=np.repeat(np.arange(40), 5), item=np.tile(np.arange(5), 40), rank=np.tile(np.arange(1, 6), 40),
        target=np.tile([0, 1, 0, 0, 1], 40),
    )  # fmt: skip
    layout = freeze(model("ranking", batch), [batch])
    one = Builder(layout)
    one.add(batch)
    with ThreadPoolExecutor(2) as pool:
        many = Builder(layout, pool=pool)
        many.add(batch.slice(0, 7))
        many.add(batch.slice(7))
        alone, together = one.finish(), many.finish()
    (mine,), (theirs,) = alone.values(), together.values()
    assert mine.parts["rankings"].sums.tolist() == theirs.parts["rankings"].sums.tolist()


def test_tiles_counted_alone_are_those_counted_together() -> None:
    """A window that is counted by itself, as after a pause, has the bits that it has among many."""
    rng = np.random.default_rng(8)
    sizes = [1, 2, 3, 4, 5, 9, 40, 129, 700, 5_000]
    starts = np.arange(len(sizes) + 1) * 3_600_000_000
    n = sum(sizes)
    batch = table(
        time=pa.array(np.repeat(starts[:-1], sizes), pa.timestamp("us", "UTC")),
        column_x=np.where(rng.random(n) < 0.1, np.nan, rng.lognormal(0, 2, n)),
        column_y=rng.normal(1e6, 3.0, n),
        column_group=rng.choice(["a", "b", None], n),
        version=rng.choice(["1", "2"], n),
        prediction=rng.integers(0, 2, n),
        target=rng.integers(0, 2, n),
        score=rng.random(n),
    )
    layout = freeze(model("binary", batch, groups=(("group",),), segments=("group",)), [batch])
    together = Builder(layout, starts)
    together.add(batch)
    cuts = np.append(0, np.cumsum(sizes))
    alone = {}
    for a, b in pairwise(cuts.tolist()):
        one = Builder(layout, starts)
        one.add(batch.slice(a, b - a))
        alone |= one.finish()
    assert {place: profile.to_bytes() for place, profile in alone.items()} == {
        place: profile.to_bytes() for place, profile in together.finish().items()
    }
