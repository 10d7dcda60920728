"""Adding up by address is what NumPy's bincount gives, to the last bit, and lets other threads run."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from monitor.profile.addresses import rows_at, sums_at


@pytest.mark.parametrize("n", [0, 1, 4_095, 4_096, 100_003])
@pytest.mark.parametrize("kind", [np.int16, np.int32, np.int64])
def test_equal_to_bincount(n: int, kind: type[np.integer]) -> None:
    """Counts and sums are bit for bit those of np.bincount, whatever integers the addresses are."""
    rng = np.random.default_rng(n)
    at, weights = rng.integers(0, 500, n).astype(kind), rng.normal(0, 1e6, n)
    assert rows_at(at, 512).tolist() == np.bincount(at, minlength=512).tolist()
    assert sums_at(at, weights, 512).tolist() == np.bincount(at, weights, 512).tolist()


def test_types_do_not_depend_on_the_way() -> None:
    """Few and many rows give the same types."""
    for n in (3, 10_000):
        at = np.zeros(n, dtype=np.int64)
        assert rows_at(at, 2).dtype == np.int64
        assert sums_at(at, np.ones(n), 2).dtype == np.float64


def test_threads_agree() -> None:
    """Side by side, threads get what one gets alone."""
    at = np.random.default_rng(0).integers(0, 1_000, 200_000).astype(np.int32)
    alone, found = rows_at(at, 1_000).tolist(), list[list[int]]()
    threads = [threading.Thread(target=lambda: found.append(rows_at(at, 1_000).tolist())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [alone] * 8
