"""Whether labelled rows are a fair sample."""

import numpy as np
import pytest
from scipy import stats

from monitor.metrics.quality.labelled_sample_pvalue import labelled_sample_pvalue
from monitor.metrics.quality.labelled_sample_statistic import labelled_sample_statistic
from monitor.profile.scores import Scores


def scores_of(labelled, late):
    """Return scores whose every value has a bin of its own."""
    values = np.unique(np.concatenate([labelled, late]))
    counts = [np.array([(rows == v).sum() for v in values]) for rows in (labelled, late)]
    none = np.zeros(len(values), np.int64)
    return Scores(counts[0], none, counts[1], none == 0, 0.0, 0.0, 0.0, 0.0, np.zeros((3, 10)), True)


@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_as_scipy(shift):
    """The gap and its p-value are those of the two-sample test of scipy."""
    rng = np.random.default_rng(5)
    labelled, late = rng.normal(0, 1, 300), rng.normal(shift, 1, 500)
    expected = stats.ks_2samp(labelled, late, method="asymp")
    scores = scores_of(labelled, late)
    assert labelled_sample_statistic(scores).value == pytest.approx(expected.statistic, abs=1e-12)
    assert labelled_sample_pvalue(scores).value == pytest.approx(expected.pvalue, abs=1e-9)


def test_undefined_without_two_sides():
    """With no labels, or all of them, there is nothing to compare, and the reason says which."""
    some, none = np.array([0.1, 0.2]), np.array([])
    assert labelled_sample_statistic(scores_of(none, some)).reason == "no rows with ground truth have a score"
    assert labelled_sample_pvalue(scores_of(some, none)).reason == "all rows have ground truth"
