"""Quality of rows and columns: what is counted is told, what cannot be told has a reason."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.metrics import registered
from monitor.profile.rows import Rows

METRICS = registered()
FULL = Rows(rows=90, read=100, labelled=60, early=6, orphans=4, unparsable=20)


def of_rows(name, rows):
    """Return a metric of rows."""
    return METRICS[name].function(rows)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("row_count", 90), ("duplicate_rate", 0.1), ("target_coverage", 60 / 90), ("early_target_rate", 0.1),
        ("orphan_target_count", 4), ("unparsable_target_rate", 0.25),
    ],
)  # fmt: skip
def test_facts_about_rows(name, value):
    """Each is its count, or its count over what it is a share of."""
    assert of_rows(name, FULL).value == pytest.approx(value)


@pytest.mark.parametrize(
    ("name", "rows", "reason"),
    [
        ("duplicate_rate", Rows(0, 0, 0), "no rows"),
        ("target_coverage", Rows(0, 0, 0), "no rows"),
        ("target_coverage", Rows(5, 5, 0, has_target=False), "the model has no ground truth"),
        ("early_target_rate", Rows(5, 5, 0), "no rows with ground truth"),
        ("early_target_rate", Rows(5, 5, 0, has_target=False), "the model has no ground truth"),
        ("orphan_target_count", Rows(5, 5, 0), "ground truth without a prediction was not counted"),
        ("orphan_target_count", Rows(5, 5, 0, has_target=False), "the model has no ground truth"),
        ("orphan_target_count", Rows(0, 0, 0, orphans=7), "no rows"),
        ("orphan_target_count", Rows(0, 0, 0), "no rows"),
        ("unparsable_target_rate", Rows(5, 5, 0), "no rows with ground truth"),
        ("unparsable_target_rate", Rows(5, 5, 0, has_target=False), "the model has no ground truth"),
    ],
)
def test_undefined_facts_have_reasons(name, rows, reason):
    """No number stands in for what is not known."""
    assert of_rows(name, rows).reason == reason


def test_an_empty_window_has_no_rows():
    """The one metric that an empty window has."""
    assert of_rows("row_count", Rows(0, 0, 0)).value == 0


def test_shares_of_a_number(counted):
    """Missing and out of range are shares of all rows, infinite values are out of range."""
    both = counted([1.0, 2.0, 3.0], [0.0, 1.5, np.nan, np.inf, 2.0, np.nan, 4.0, 3.0, 1.0, -np.inf])
    assert METRICS["missing_rate"].function(*both).value == 0.2
    assert METRICS["out_of_range_rate"].function(*both).value == 0.4
    assert METRICS["maximum"].function(*both).value == 4
    assert METRICS["minimum"].function(*both).value == 0
    assert METRICS["mean"].function(*both).n == 6


def test_shares_of_categories(counted):
    """Unseen is what the reference never had, even where rare categories are pooled."""
    both = counted([str(i) for i in range(1500)], ["7", "1499", "new", None], kind="categorical")
    assert METRICS["unseen_rate"].function(*both).value == 0.25
    assert METRICS["missing_rate"].function(*both).value == 0.25


def test_no_range_without_reference_values(counted):
    """A column that was missing throughout had no range to leave."""
    found = METRICS["out_of_range_rate"].function(*counted([np.nan, np.nan], [1.0, 2.0]))
    assert found.reason == "the reference has no values"


@pytest.mark.parametrize("name", ["mean", "median", "minimum", "maximum", "standard_deviation"])
def test_summaries_of_nothing_have_reasons(counted, name):
    """All missing, or all infinite, is no value to sum up."""
    for column in ([np.nan] * 5, [np.inf, -np.inf], []):
        assert METRICS[name].function(*counted([1.0, 2.0], column)).reason


@pytest.mark.parametrize("column", [[7.0], [1.0, 3.0], [1.0, 1.0, 5.0]])
def test_summaries_of_few_rows(counted, column):
    """One, two and three rows, of values the reference had."""
    both = counted([1.0, 3.0, 5.0, 7.0], column)
    assert METRICS["median"].function(*both).value == np.median(column)
    assert METRICS["mean"].function(*both).value == pytest.approx(np.mean(column))
    if len(column) == 1:
        assert METRICS["standard_deviation"].function(*both).reason == "fewer than two rows with a finite value"
    else:
        deviation = METRICS["standard_deviation"].function(*both).value
        assert deviation == pytest.approx(np.std(column, ddof=1))


@pytest.mark.parametrize("draw", [lambda r, n: r.normal(3, 2, n), lambda r, n: r.exponential(2, n)])
def test_intervals_of_summaries_cover(counted, draw):
    """Nineteen of twenty intervals hold the true value, or nearly; heavy tails make that of the deviation short."""
    rng = np.random.default_rng(11)
    truth = draw(rng, 400_000)
    goals = {"mean": truth.mean(), "median": np.median(truth), "standard_deviation": truth.std()}
    reference = draw(rng, 5000)
    _, *windows = counted(reference, *(draw(rng, 300) for _ in range(150)))
    for name, goal in goals.items():
        found = [METRICS[name].function(windows[0], w) for w in windows]
        assert np.mean([e.low <= goal <= e.high for e in found]) >= (0.8 if name == "standard_deviation" else 0.9), name
