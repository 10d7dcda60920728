"""Disparities against fairlearn, on random and on nasty data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from fairlearn import metrics as fairlearn
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, precision_score

from monitor.metrics import registered
from monitor.profile.confusion import Confusion

Ints = NDArray[np.int64]
Table = tuple[Ints, Ints, NDArray[np.str_]]

RATES: dict[str, Callable[..., float]] = {
    "demographic_parity": fairlearn.selection_rate,
    "equal_opportunity": fairlearn.true_positive_rate,
    "false_positive_rate": fairlearn.false_positive_rate,
    "predictive_parity": precision_score,
    "accuracy": accuracy_score,
}


def _random(seed: int, groups: int, n: int) -> Table:
    """Draw rows whose base rate and error rates differ by group, every group with every kind of row."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, groups, n)
    y_true = (rng.random(n) < 0.2 + 0.5 * group / groups).astype(np.int64)
    y_pred = np.where(rng.random(n) < 0.7 + 0.2 * group / groups, y_true, 1 - y_true)
    every = np.repeat(np.arange(groups), 4)
    y_true = np.concatenate([y_true, np.tile([0, 0, 1, 1], groups)])
    y_pred = np.concatenate([y_pred, np.tile([0, 1, 0, 1], groups)])
    return y_true, y_pred, np.array([f"gruppe-{g} ✓" for g in np.concatenate([group, every])])


TABLES = {
    "two groups": _random(1, 2, 1000),
    "seven small groups": _random(2, 7, 60),
    "thirty groups": _random(3, 30, 5000),
    "four rows a group": _random(4, 3, 0),
}


def _count(y_true: Ints, y_pred: Ints, group: NDArray[np.str_]) -> dict[tuple[str | None, ...], Confusion]:
    none = np.zeros(2, np.int64)
    counted: dict[tuple[str | None, ...], Confusion] = {}
    for name in np.unique(group):
        here = group == name
        matrix = np.bincount(2 * y_true[here] + y_pred[here], minlength=4).reshape(2, 2)
        key = None if name == "(missing)" else str(name)
        counted[key,] = Confusion(("0", "1"), matrix, none, none, positive="1")
    return counted


def _frame(rate: Callable[..., float], table: Table) -> Any:
    y_true, y_pred, group = table
    return fairlearn.MetricFrame(metrics=rate, y_true=y_true, y_pred=y_pred, sensitive_features=group)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
@pytest.mark.parametrize("name", RATES)
def test_one_rate(name: str, table: Table) -> None:
    """Differences and ratios between extremes equal those of a MetricFrame."""
    frame = _frame(RATES[name], table)
    groups = _count(*table)
    difference = registered()[f"{name}_difference"].function(groups)
    ratio = registered()[f"{name}_ratio"].function(groups)
    assert difference.value == pytest.approx(frame.difference(method="between_groups"), abs=1e-9)
    assert ratio.value == pytest.approx(frame.ratio(method="between_groups"), abs=1e-9)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
@pytest.mark.parametrize(
    "name",
    [
        f"{disparity}_{form}"
        for disparity in ("demographic_parity", "equal_opportunity", "equalized_odds")
        for form in ("difference", "ratio")
    ],
)
def test_named_disparity(name: str, table: Table) -> None:
    """Where fairlearn has a function of the name, ours has its value."""
    y_true, y_pred, group = table
    expected = getattr(fairlearn, name)(y_true, y_pred, sensitive_features=group)
    assert registered()[name].function(_count(*table)).value == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
@pytest.mark.parametrize("name", RATES)
def test_against_a_group(name: str, table: Table) -> None:
    """The signed gap to a reference group is the difference of fairlearn's rates by group."""
    by_group = _frame(RATES[name], table).by_group
    groups = _count(*table)
    (against, first), *others = groups.items()
    for other, confusion in others:
        pair = {other: confusion, against: first}
        difference = registered()[f"{name}_difference"].function(pair, against=against)
        assert difference.value == pytest.approx(by_group[other[0]] - by_group[against[0]], abs=1e-9)


def _nasty() -> Table:
    """Return groups without positives, without negatives, of one row, never selected, and a missing one."""
    rows = {
        "no positives": [(0, 0)] * 5 + [(0, 1)] * 5,
        "no negatives": [(1, 0)] * 3 + [(1, 1)] * 9,
        "one row": [(1, 1)],
        "never selected": [(0, 0)] * 7 + [(1, 0)] * 2,
        "(missing)": [(0, 0)] * 4 + [(0, 1)] + [(1, 1)] * 2 + [(1, 0)],
        "Ünïcödé \N{SNOWMAN}": [(0, 0)] * 6 + [(0, 1)] * 3 + [(1, 1)] * 4,
    }
    flat = [(t, p, name) for name, pairs in rows.items() for t, p in pairs]
    y_true, y_pred, group = (np.array(column) for column in zip(*flat, strict=True))
    return y_true, y_pred, group


@pytest.mark.parametrize("name", RATES)
def test_nasty_groups(name: str) -> None:
    """On the groups that have the rate at all, values are fairlearn's; the missing group is one of them."""
    y_true, y_pred, group = _nasty()
    asks = {"equal_opportunity": y_true == 1, "false_positive_rate": y_true == 0, "predictive_parity": y_pred == 1}
    asked = asks.get(name, np.ones(len(group), bool))
    keep = np.isin(group, np.unique(group[asked]))
    frame = _frame(RATES[name], (y_true[keep], y_pred[keep], group[keep]))
    groups = _count(y_true, y_pred, group)
    difference = registered()[f"{name}_difference"].function(groups)
    assert difference.value == pytest.approx(frame.difference(), abs=1e-9)
    assert difference.n == asked.sum()
    ratio = registered()[f"{name}_ratio"].function(groups)
    assert ratio.value == pytest.approx(frame.ratio(), abs=1e-9)


def test_fairlearn_calls_no_positives_a_rate_of_zero() -> None:
    """It reports a gap of 1 beside a group that has no positives to find; we leave that group out.

    Nobody was wronged in a group where there was nobody to find, so we are right: 0/0 is not 0.
    """
    table = (np.array([0, 0, 1, 1, 1, 1]), np.array([0, 0, 1, 1, 1, 1]), np.array(["a", "a", "b", "b", "c", "c"]))
    y_true, y_pred, group = table
    assert fairlearn.equal_opportunity_difference(y_true, y_pred, sensitive_features=group) == 1.0
    assert registered()["equal_opportunity_difference"].function(_count(*table)).value == 0.0


def test_fairlearn_has_no_number_for_nothing_over_nothing() -> None:
    """Where no group is ever selected, fairlearn's ratio is NaN and ours has a reason instead."""
    table = (np.array([0, 1, 0, 1]), np.zeros(4, np.int64), np.array(["a", "a", "b", "b"]))
    y_true, y_pred, group = table
    assert np.isnan(fairlearn.demographic_parity_ratio(y_true, y_pred, sensitive_features=group))
    assert registered()["demographic_parity_ratio"].function(_count(*table)).reason == "the largest selection rate is 0"
