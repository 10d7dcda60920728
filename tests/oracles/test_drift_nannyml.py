"""Where NannyML's published rules differ from ours, and which of the two is right.

NannyML cannot be installed beside our versions, so its rules are written down here in a few lines each. They were
compared with version 0.13.1 in an environment of its own; benchmarks/nannyml.md has the figures.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency, ks_2samp, wasserstein_distance

from monitor.metrics import registered
from monitor.profile.confusion import Confusion

METRICS = registered()
REPEATS = 40


def limits(values):
    """Return NannyML's limits: mean minus and plus three standard deviations of a statistic over reference chunks.

    Of distances it uses the upper one only, of performance both.
    """
    return np.mean(values) - 3 * np.std(values), np.mean(values) + 3 * np.std(values)


def js_of_nannyml(reference):
    """Return its Jensen-Shannon distance from a reference: bins of equal width by Doane's rule, one for the rest."""
    edges = np.histogram_bin_edges(reference, bins="doane")
    expected = np.append(np.histogram(reference, edges)[0] / len(reference), 0.0)

    def distance(rows):
        seen = np.histogram(rows, edges)[0] / len(rows)
        return jensenshannon(expected, np.append(seen, max(0.0, 1 - seen.sum())), base=2)

    return distance


def ks_of_nannyml(reference):
    """Return its Kolmogorov-Smirnov statistic for references of 10 000 rows: over 10 000 bins of equal width."""
    edges = np.linspace(reference.min(), reference.max(), 10_001)
    expected = np.cumsum(np.histogram(reference, edges)[0]) / len(reference)

    def statistic(rows):
        seen = (np.cumsum(np.histogram(rows, edges)[0]) + (rows < edges[0]).sum()) / len(rows)
        return np.abs(expected - seen).max()

    return statistic


def wasserstein_of_nannyml(reference):
    """Return its Wasserstein distance for references of 10 000 rows; what lies below them counts as one row more."""
    edges = np.histogram_bin_edges(reference, bins=10_000)
    expected = np.cumsum(np.histogram(reference, edges)[0]) / len(reference)

    def distance(rows):
        below = np.sort(rows[rows < edges[0]])
        extra = (len(below) + 1) / len(rows) if len(below) else 0.0
        seen = np.cumsum(np.histogram(rows, edges)[0]) / len(rows) + extra
        outside = float((edges[0] - below).sum()) / len(rows) + float((rows[rows > edges[-1]] - edges[-1]).sum()) / len(
            rows
        )
        return float((np.abs(expected - seen) * np.diff(edges)).sum()) + outside

    return distance


def ours(name, both, bins=None):
    """Return one of our metrics of two histograms."""
    found = METRICS[name].function(*(both if bins is None else (h.coarse(bins) for h in both)))
    return getattr(found, "value", found)


def chunks(rng, size, number=10, shift=0.0):
    """Draw chunks of normal rows."""
    return [rng.normal(shift, 1, size) for _ in range(number)]


def accuracy(right, n):
    """Return our accuracy of a binary model that was right on so many of n rows."""
    counts, none = np.array([[right // 2, n - right], [0, right - right // 2]]), np.zeros(2, dtype=np.int64)
    return METRICS["accuracy"].function(Confusion(("0", "1"), counts, none, none, positive="1"))


def test_both_are_right_about_chi_square(counted):
    """Over three categories or more, each with rows enough, the two p-values are one."""
    rng = np.random.default_rng(1)
    reference, current = rng.choice(list("abcd"), 2000), rng.choice(list("abcd"), 500, p=[0.3, 0.3, 0.2, 0.2])
    table = [[(side == letter).sum() for letter in "abcd"] for side in (reference, current)]
    p = ours("chi_square_pvalue", counted(reference, current, kind="categorical"), 20)
    assert p == pytest.approx(chi2_contingency(table).pvalue, rel=1e-9)


def test_two_categories_need_no_correction():
    """Over two categories NannyML's p-value has Yates' correction and is too large; ours is below 0.05 in 5 %.

    Without drift a p-value should be below 0.05 in 5 % of windows, so that it finds all that it may find.
    """
    rng = np.random.default_rng(2)
    theirs, mine = [], []
    for _ in range(10 * REPEATS):
        a, b = rng.binomial(1000, 0.1), rng.binomial(100, 0.1)
        theirs.append(chi2_contingency([[a, 1000 - a], [b, 100 - b]]).pvalue)
        mine.append(METRICS["chi_square_pvalue"].function(np.array([a, 1000 - a]), np.array([b, 100 - b])))
    assert all(their >= my for their, my in zip(theirs, mine, strict=True))
    rates = [np.mean(np.array(values) < 0.05) for values in (theirs, mine)]
    assert rates[0] < 0.04 < rates[1] < 0.08


def test_limits_must_know_how_many_rows_a_window_has(counted):
    """Without drift a chunk of 200 rows is beyond NannyML's limits from chunks of 2000; ours knows chance from size.

    Its limits are three standard deviations of the statistic over reference chunks, however many rows are judged.
    """
    rng = np.random.default_rng(3)
    parts = chunks(rng, 2000)
    reference = np.concatenate(parts)
    distance = js_of_nannyml(reference)
    _, high = limits([distance(part) for part in parts])
    theirs = [distance(part) > high for part in chunks(rng, 200, REPEATS)]
    mine = [ours("drift_pvalue", both) < 0.0027 for both in _beside(counted, reference, chunks(rng, 200, REPEATS))]
    assert np.mean(theirs) > 0.9
    assert np.mean(mine) < 0.1


def test_a_real_shift_is_not_excused_by_small_reference_chunks(counted):
    """A shift of 0.25 deviations in 5000 rows is inside NannyML's limits from chunks of 50; ours has p < 1e-9."""
    rng = np.random.default_rng(5)
    parts = chunks(rng, 50, 40)
    reference = np.concatenate(parts)
    statistics = [ks_2samp(reference, part).statistic for part in parts]
    moved = rng.normal(0.25, 1, 5000)
    assert ks_2samp(reference, moved).statistic < limits(statistics)[1]
    both = counted(reference, moved)
    assert ours("drift_pvalue", both) < 1e-9
    assert ours("drift_effect", both) > 0.05


def test_one_far_value_of_the_reference_must_not_hide_a_shift(counted):
    """With one value of 1e7 in the reference, a shift of two deviations is hidden from NannyML, and seen by us.

    Its bins have equal width between the extremes of the reference: all rows then share one bin.
    """
    rng = np.random.default_rng(6)
    clean, moved = rng.normal(size=20_000), rng.normal(2, 1, 2000)
    spoilt = np.append(clean, 1e7)
    measured = {js_of_nannyml: (0.69580092, 0.00499992), ks_of_nannyml: (0.69645, 4.99975001e-05)}  # by 0.13.1 itself
    for rule, values in measured.items():
        assert (rule(clean)(moved), rule(spoilt)(moved)) == pytest.approx(values, rel=1e-6)
    for reference in (clean, spoilt):
        both = counted(reference, moved)
        assert ours("kolmogorov_smirnov_statistic", both) == pytest.approx(0.68, abs=0.02)
        assert ours("jensen_shannon_distance", both, 20) > 0.5


def test_one_row_below_the_reference_moves_one_row(counted):
    """NannyML's Wasserstein distance counts a row below the reference twice, over the whole range; ours is scipy's.

    It uses this rule from 10 000 reference rows on. With a wide range and a small chunk the row that is not there
    weighs more than all others.
    """
    rng = np.random.default_rng(7)
    reference = np.append(rng.normal(size=20_000), 1000.0)
    current = np.append(rng.normal(size=499), reference.min() - 0.01)
    exact = wasserstein_distance(reference, current)
    assert wasserstein_of_nannyml(reference)(current) == pytest.approx(2.09143396, rel=1e-6), "as 0.13.1 itself"
    assert exact < 0.1
    assert ours("wasserstein_distance", counted(reference, current)) == pytest.approx(exact, rel=0.1)


def test_values_that_go_missing_are_drift(counted):
    """Half of the values missing leaves NannyML's distances as they were: it leaves them out; ours count them."""
    rng = np.random.default_rng(8)
    reference, current = rng.normal(size=5000), rng.normal(size=5000)
    holes = np.where(np.arange(5000) % 2, np.nan, current)
    distance = js_of_nannyml(reference)
    assert distance(holes[~np.isnan(holes)]) < 0.1
    assert ours("jensen_shannon_distance", counted(reference, holes), 20) > 0.4
    assert ours("psi", counted(reference, holes), 10) > 0.5


def test_a_faultless_reference_does_not_forbid_a_fault():
    """After a reference without a mistake, NannyML's limits on accuracy are 1 and 1: one wrong row of 1000 alarms.

    Limits of performance are the mean over reference chunks and three standard deviations, cut to [0, 1]. The interval
    of our estimate reaches 0.998: nothing has been shown to be worse than before by any size that matters.
    """
    low, high = np.clip(limits([1.0] * 10), 0, 1)
    found = accuracy(999, 1000)
    assert (low, high) == (1, 1)
    assert found.value < low
    assert found.high > 0.998


def test_a_fall_in_accuracy_is_judged_by_its_rows():
    """Limits from chunks of 50 rows excuse 10 000 rows at 0.82 after 0.90; the interval of ours leaves no doubt."""
    rng = np.random.default_rng(9)
    low, high = np.clip(limits(rng.binomial(50, 0.9, 20) / 50), 0, 1)
    assert low < 0.82 < high
    found = accuracy(8200, 10_000)
    assert found.high < 0.83


def test_few_rows_are_not_a_fall_in_accuracy():
    """Limits from chunks of 10 000 rows call most chunks of 100 rows at the same accuracy of 0.90 changed; ours 5 %."""
    rng = np.random.default_rng(10)
    low, high = np.clip(limits(rng.binomial(10_000, 0.9, 20) / 10_000), 0, 1)
    right = rng.binomial(100, 0.9, 400)
    assert np.mean((right / 100 < low) | (right / 100 > high)) > 0.6
    found = [accuracy(int(k), 100) for k in right]
    assert np.mean([e.high < 0.9 or e.low > 0.9 for e in found]) < 0.09


def _beside(counted, reference, parts):
    histograms = counted(reference, *parts)
    return [(histograms[0], part) for part in histograms[1:]]
