"""Samples that do not depend on the order of reading."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from monitor.report.sample import Sample


def _sampled(ids: np.ndarray, size: int, seed: int = 0, batch: int = 100) -> list[int]:
    sample = Sample(size, seed)
    for start in range(0, len(ids), batch):
        sample.add(pa.RecordBatch.from_pydict({"id": ids[start : start + batch]}))
    table = sample.table()
    assert table is not None
    return table.column("id").to_pylist()


def test_sample_is_the_same_in_any_order_and_any_batches() -> None:
    """The same rows are kept however they come."""
    ids = np.arange(5000)
    wanted = _sampled(ids, 200)
    assert _sampled(ids[::-1].copy(), 200, batch=37) == wanted
    assert len(set(wanted)) == 200


def test_another_seed_gives_another_sample() -> None:
    """The seed decides which rows are kept."""
    ids = np.arange(5000)
    assert set(_sampled(ids, 200)) != set(_sampled(ids, 200, seed=1))


def test_sample_is_fair() -> None:
    """The mean of the kept ids is near that of all."""
    assert abs(np.mean(_sampled(np.arange(100_000), 5000)) - 50_000) < 2_000


def test_few_rows_are_all_kept_and_none_is_none() -> None:
    """Fewer rows than the size are the sample; without rows there is none."""
    assert sorted(_sampled(np.arange(7), 200)) == list(range(7))
    assert Sample(5).table() is None
