"""Where Evidently's drift tests differ from ours, and which of the two is right.

Its import takes seconds, so it stands in this one file only.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from monitor.metrics import registered

METRICS = registered()
REPEATS = 60


@pytest.fixture(scope="module")
def evidently():
    """Give Evidently's chi-square and PSI tests as functions of two columns and a kind."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from evidently.legacy.calculations.stattests.chisquare_stattest import chi_stat_test
        from evidently.legacy.calculations.stattests.psi import psi_stat_test
        from evidently.legacy.core import ColumnType

    def run(test, kind, reference, current):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            column_type = ColumnType(kind)
            threshold = 0.05 if test == "chisquare" else 0.1
            function = {"chisquare": chi_stat_test, "psi": psi_stat_test}[test]
            return function(pd.Series(reference), pd.Series(current), column_type, threshold).drift_score

    return run


def test_chi_square_of_two_samples_is_right(evidently, counted):
    """Without drift Evidently's test, which takes the reference for exact, calls half of the columns drifted; ours 5 %.

    10 categories, 1000 rows on either side. Only one of the two can be a p-value: without drift a p-value is below
    0.05 in 5 % of windows.
    """
    rng = np.random.default_rng(2)
    theirs, ours = [], []
    for _ in range(REPEATS):
        reference, current = (rng.integers(0, 10, 1000).astype(str) for _ in range(2))
        theirs.append(evidently("chisquare", "cat", reference, current))
        both = counted(reference, current, kind="categorical")
        ours.append(METRICS["chi_square_pvalue"].function(*(h.coarse(20) for h in both)))
    assert np.mean(np.array(theirs) < 0.05) > 0.3
    assert np.mean(np.array(ours) < 0.05) < 0.15


def test_bins_of_the_reference_are_right(evidently, counted):
    """One value of 10 000 hides a shift of one standard deviation from bins of equal width; ours see it as before.

    The same rows but one cannot have drifted fifty times less: Evidently's PSI falls under its own limit of 0.1.
    """
    rng = np.random.default_rng(3)
    reference, current = rng.normal(size=5000), rng.normal(1, 1, 5000)
    spoilt = np.append(current, 10_000.0)
    assert evidently("psi", "num", reference, current) > 0.5
    assert evidently("psi", "num", reference, spoilt) < 0.1
    psi = METRICS["psi"].function
    before = psi(*(h.coarse(10) for h in counted(reference, current)))
    after = psi(*(h.coarse(10) for h in counted(reference, spoilt)))
    assert after == pytest.approx(before, rel=0.01)
    assert after > 0.5
