"""The promise that matters most: without drift a p-value falls to its level no more often than its level says."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from benchmarks import nulls

REPEATS = {100: 120, 1000: 60}
RARE = 1e-4  # a test that is right alarms this rarely or less


def soundly(share, repeats):
    """Return whether a share of false alarms at 5 % is possible for a sound test."""
    return round(share * repeats) <= binom.ppf(1 - RARE, repeats, nulls.LEVEL)


@pytest.mark.parametrize("rows", [3_000, None], ids=["large reference", "equal sizes"])
@pytest.mark.parametrize("column", nulls.COLUMNS, ids=lambda column: column.name)
def test_false_alarms_stay_within_the_level(monkeypatch, column, rows):
    """Columns of any kind, at 100 and 1000 rows: KS and the judging p-value keep 5 %, size and p together less."""
    monkeypatch.setattr(nulls, "SHIFTS", (0.0,))
    for size, repeats in REPEATS.items():
        found = nulls.shares(column, rows, repeats, np.random.default_rng(size), (size,))
        for name in ("kolmogorov_smirnov_pvalue", "drift_pvalue", "drift_effect > 0.05 and drift_pvalue"):
            if (name, size, 0.0) in found:
                assert soundly(found[name, size, 0.0], repeats), (name, size)
        assert size == 100 or found["drift_effect > 0.05", size, 0.0] < 0.02
        if column.name != "1000 categories":
            assert soundly(found["chi_square_pvalue", size, 0.0], repeats), size


@pytest.mark.parametrize("column", nulls.COLUMNS[:6], ids=lambda column: column.name)
def test_half_a_standard_deviation_is_found(monkeypatch, column):
    """At 1000 rows such a shift passes size and p in every window, at 100 rows in most."""
    monkeypatch.setattr(nulls, "SHIFTS", (0.5,))
    found = nulls.shares(column, 3_000, 15, np.random.default_rng(3), (100, 1000))
    assert found["drift_effect > 0.05 and drift_pvalue", 1000, 0.5] == 1
    assert found["drift_effect > 0.05 and drift_pvalue", 100, 0.5] >= 0.6
