"""Disparities: every registered one, between extremes and against a reference group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from monitor.errors import UsageError
from monitor.metrics import registered
from monitor.profile.confusion import Confusion

Count = Callable[..., Confusion]

DISPARITIES = {name: metric for name, metric in registered().items() if metric.reads == "groups"}
RATES: dict[str, Callable[[Confusion], float]] = {
    "demographic_parity": lambda c: c.selected / c.decided,
    "equal_opportunity": lambda c: c.true_positive / (c.true_positive + c.false_negative),
    "false_positive_rate": lambda c: c.false_positive / (c.false_positive + c.true_negative),
    "predictive_parity": lambda c: c.true_positive / (c.true_positive + c.false_positive),
    "accuracy": lambda c: (c.true_positive + c.true_negative) / c.n,
}


def test_the_list_is_complete() -> None:
    """Six disparities, each as a difference and as a ratio, each with its change."""
    names = {f"{name}_{form}" for name in (*RATES, "equalized_odds") for form in ("difference", "ratio")}
    assert set(DISPARITIES) == names
    assert {f"{name}_change" for name in names} <= set(registered())


@pytest.fixture
def groups(count: Count) -> dict[tuple[str | None, ...], Confusion]:
    """Give three groups that differ in every rate; one is the missing group, one has a name in Greek."""
    return {("Ωμέγα",): count(40, 10, 20, 30), (None,): count(90, 5, 8, 12), ("b'; --",): count(20, 30, 1, 70)}


@pytest.mark.parametrize("name", RATES)
def test_between_extremes(name: str, groups: dict[Any, Confusion]) -> None:
    """The difference is largest minus smallest, the ratio smallest over largest, each inside its bounds."""
    rates = [RATES[name](c) for c in groups.values()]
    difference = registered()[f"{name}_difference"].function(groups)
    ratio = registered()[f"{name}_ratio"].function(groups)
    assert difference.value == pytest.approx(max(rates) - min(rates), abs=1e-12)
    assert ratio.value == pytest.approx(min(rates) / max(rates), abs=1e-12)
    assert 0 <= difference.low <= difference.value <= difference.high <= 1
    assert 0 <= ratio.low <= ratio.value <= ratio.high <= 1


@pytest.mark.parametrize("name", RATES)
def test_against_a_reference_group(name: str, groups: dict[Any, Confusion]) -> None:
    """The difference is the other group minus the reference group, signed; the ratio the other over it."""
    pair = {key: groups[key] for key in [("Ωμέγα",), (None,)]}
    here, there = (RATES[name](c) for c in pair.values())
    for against, first, second in [((None,), here, there), (("Ωμέγα",), there, here)]:
        difference = registered()[f"{name}_difference"].function(pair, against=against)
        ratio = registered()[f"{name}_ratio"].function(pair, against=against)
        assert difference.value == pytest.approx(first - second, abs=1e-12)
        assert ratio.value == pytest.approx(first / second, abs=1e-12)
        assert difference.low < difference.value < difference.high
        assert 0 < ratio.low < ratio.value < ratio.high


def test_equalized_odds_is_the_worse_of_two(groups: dict[Any, Confusion]) -> None:
    """It is the larger of the two gaps and the smaller of the two ratios, with wider bounds than either alone."""
    metrics = registered()
    odds = metrics["equalized_odds_difference"].function(groups)
    found, flagged = (metrics[f"{n}_difference"].function(groups) for n in ("equal_opportunity", "false_positive_rate"))
    assert odds.value == max(found.value, flagged.value)
    assert odds.low <= max(found.low, flagged.low)
    assert odds.high >= max(found.high, flagged.high)
    assert odds.n == found.n + flagged.n
    ratio = metrics["equalized_odds_ratio"].function(groups)
    assert ratio.value == min(
        metrics[f"{n}_ratio"].function(groups).value for n in ("equal_opportunity", "false_positive_rate")
    )


def test_equalized_odds_against_a_group_keeps_the_sign_of_the_farther_gap(count: Count) -> None:
    """Recall 0.2 lower and false alarms 0.1 higher: the recall it is, with bounds that hold either."""
    pair = {("a",): count(800, 200, 500, 500), ("b",): count(900, 100, 300, 700)}
    odds = registered()["equalized_odds_difference"].function(pair, against=("b",))
    assert odds.value == pytest.approx(-0.2)
    assert odds.low < -0.2 < odds.high < 0
    unsure = {("a",): count(8, 2, 5, 5), ("b",): count(9, 1, 3, 7)}
    odds = registered()["equalized_odds_difference"].function(unsure, against=("b",))
    assert odds.low < -0.2 < 0.1 < odds.high


def test_unlabelled_predictions_count_for_demographic_parity_alone(count: Count) -> None:
    """A selection rate needs no ground truth; the others wait for it."""
    waiting = {("a",): count(0, 0, 0, 0, unlabelled=(60, 40)), ("b",): count(0, 0, 0, 0, unlabelled=(80, 20))}
    parity = registered()["demographic_parity_difference"].function(waiting)
    assert parity.value == pytest.approx(0.2)
    assert parity.n == 200
    accuracy = registered()["accuracy_difference"].function(waiting)
    assert accuracy.value is None
    assert [m.name for m in DISPARITIES.values() if not m.ground_truth] == [
        "demographic_parity_difference",
        "demographic_parity_ratio",
    ]
    assert (
        accuracy.reason
        == "fewer than two groups have rows with target and prediction, so the accuracy cannot be compared"
    )


def test_a_group_without_the_rate_is_left_out(count: Count) -> None:
    """A group without positives has no true positive rate: it neither counts as 0 nor hides the others' gap."""
    groups = {("a",): count(10, 0, 5, 5), ("b",): count(10, 0, 2, 8), ("none",): count(20, 0, 0, 0)}
    gap = registered()["equal_opportunity_difference"].function(groups)
    assert gap.value == pytest.approx(0.3)
    assert gap.n == 20
    del groups["b",]
    gap = registered()["equal_opportunity_difference"].function(groups)
    assert (gap.value, gap.n) == (None, 10)
    assert (
        gap.reason
        == "fewer than two groups have rows of the positive class, so the true positive rate cannot be compared"
    )


@pytest.mark.parametrize("name", DISPARITIES)
def test_undefined_without_two_groups(name: str, count: Count) -> None:
    """No group, one group, empty groups or an absent reference group give no value but a reason."""
    function = DISPARITIES[name].function
    one, empty = count(5, 5, 5, 5), count(0, 0, 0, 0)
    for groups, against in [
        ({}, None),
        ({("a",): one}, None),
        ({("a",): empty, ("b",): empty}, None),
        ({("a",): one}, ("absent",)),
        ({("a",): one}, ("a",)),
        ({("a",): one, ("b",): empty}, ("b",)),
    ]:
        estimate = function(groups, against=against)
        assert estimate.value is None
        assert estimate.reason


@pytest.mark.parametrize("name", [n for n in DISPARITIES if n.endswith("ratio")])
def test_nothing_over_nothing_is_undefined(name: str, count: Count) -> None:
    """When no group has any, there is no ratio, and the reason says which rate is 0."""
    wrong = count(0, 10, 10, 0)
    idle = count(0 if name == "accuracy_ratio" else 10, 0, 10, 0)
    groups = {("a",): wrong if name == "predictive_parity_ratio" else idle, ("b",): wrong}
    if name not in {"accuracy_ratio", "predictive_parity_ratio"}:
        groups = {("a",): idle, ("b",): idle}
    estimate = DISPARITIES[name].function(groups)
    assert estimate.value is None
    assert estimate.reason.endswith(" is 0")


@pytest.mark.parametrize("name", DISPARITIES)
def test_ideal_on_equal_groups(name: str, count: Count) -> None:
    """Groups with equal counts are equal, and the interval holds that."""
    metric = DISPARITIES[name]
    same = {(str(i),): count(30, 10, 10, 50) for i in range(4)}
    estimate = metric.function(same)
    assert estimate.value == metric.ideal
    assert estimate.low <= metric.ideal <= estimate.high


def test_only_two_groups_may_be_compared_with_a_reference_group(groups: dict[Any, Confusion]) -> None:
    """More than one other group is a mistake of the caller, not a number."""
    with pytest.raises(UsageError, match="3 groups given"):
        registered()["accuracy_ratio"].function(groups, against=(None,))


def test_many_classes_have_accuracy_and_each_class_its_disparities() -> None:
    """Without a positive class only accuracy is defined; with one, every other class counts as negative."""
    none = np.zeros(3, np.int64)
    a = np.array([[8, 1, 1], [0, 9, 1], [5, 0, 5]])
    b = np.array([[9, 1, 0], [2, 7, 1], [0, 0, 10]])

    def groups(positive: str | None) -> dict[tuple[str], Confusion]:
        classes = ("x", "y", "z")
        return {(k,): Confusion(classes, m, none, none, positive=positive) for k, m in {"a": a, "b": b}.items()}

    accuracy = registered()["accuracy_difference"].function(groups(None))
    assert accuracy.value == pytest.approx(26 / 30 - 22 / 30)
    assert registered()["false_positive_rate_difference"].function(groups(None)).value is None
    assert registered()["demographic_parity_difference"].function(groups(None)).value is None
    recall = registered()["equal_opportunity_difference"].function(groups("z"), against=("b",))
    assert recall.value == pytest.approx(-0.5)
