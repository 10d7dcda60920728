"""Performance that cannot be told has a reason in plain words."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.metrics import Estimate, registered
from monitor.profile.confusion import Confusion
from monitor.profile.residuals import Residuals
from monitor.profile.scores import LogLoss, Scores

METRICS = registered()
ALL = ["accuracy", "balanced_accuracy", "precision", "recall", "specificity", "f1", "matthews_correlation"]
RATES = ["false_positive_rate", "false_negative_rate"]
AVERAGES = [f"{name}_{average}" for name in ("precision", "recall", "f1") for average in ("macro", "weighted")]
NO_TARGET = "no rows with ground truth"


def confusion(
    *matrix: list[int], unlabelled: tuple[int, ...] = (0, 0), undecided: tuple[int, ...] = (0, 0)
) -> Confusion:
    """Make a binary confusion of ``[true negative, false positive], [false negative, true positive]``."""
    counts = np.array(matrix or [[0, 0], [0, 0]], dtype=np.int64)
    return Confusion(("0", "1"), counts, np.array(unlabelled), np.array(undecided), positive="1")


def scores(positive: int, negative: int, *, probabilities: bool = True) -> Scores:
    """Make scores with one bin."""
    calibration = np.zeros((3, 10))
    calibration[:, 5] = positive + negative, positive, (positive + negative) / 2
    n = positive + negative
    rows = [np.array([count], dtype=np.int64) for count in (positive, negative, 7)]
    sums = (n / 2 + 3.5, n / 4 + 1.75, n / 4, n / 16)
    return Scores(*rows, np.array([True]), *sums, calibration, probabilities=probabilities)


def residuals(n: int, *, unusable: int = 0) -> Residuals:
    """Make residuals of rows that are all exact and have a target of 0."""
    power = np.zeros((5, 5))
    power[0, 0] = n
    sizes, counts = np.zeros(1 if n else 0), np.array([n][: bool(n)], dtype=np.int64)
    symmetric = np.array([n, 0.0, 0.0])
    largest = 0.0 if n else None
    return Residuals(power, 0.0, np.zeros(3), symmetric, sizes, counts, largest, 0.0, unlabelled=5, unusable=unusable)


def _measure(name: str, view: object) -> Estimate:
    found = METRICS[name].function(view)
    assert isinstance(found, Estimate)
    return found


@pytest.mark.parametrize("name", [*ALL, *RATES, *AVERAGES])
def test_no_ground_truth(name: str) -> None:
    """Without a labelled row nothing is known, however many predictions there are."""
    assert _measure(name, confusion(unlabelled=(5, 3))).reason == NO_TARGET


@pytest.mark.parametrize("name", [*ALL, *RATES, *AVERAGES])
def test_ground_truth_without_prediction(name: str) -> None:
    """Ground truth of rows without a prediction is told apart from none at all."""
    assert _measure(name, confusion(undecided=(5, 3))).reason == "no rows with ground truth have a prediction"


@pytest.mark.parametrize(
    ("name", "matrix", "reason"),
    [
        ("precision", ([5, 0], [2, 0]), "nothing was predicted positive"),
        ("recall", ([5, 2], [0, 0]), "no positive targets"),
        ("false_negative_rate", ([5, 2], [0, 0]), "no positive targets"),
        ("specificity", ([0, 0], [2, 5]), "no negative targets"),
        ("false_positive_rate", ([0, 0], [2, 5]), "no negative targets"),
        ("f1", ([7, 0], [0, 0]), "no positive targets or predictions"),
        ("balanced_accuracy", ([5, 2], [0, 0]), "only one class among the targets"),
        ("matthews_correlation", ([5, 2], [0, 0]), "only one class among the targets"),
        ("matthews_correlation", ([5, 0], [2, 0]), "only one class among the predictions"),
    ],
)
def test_nothing_to_divide_by(name: str, matrix: tuple[list[int], list[int]], reason: str) -> None:
    """0/0 is no number: the reason says what is not there, and n still counts the rows that entered."""
    found = _measure(name, confusion(*matrix))
    assert (found.value, found.reason, found.n) == (None, reason, 7)


def test_zero_is_a_value_where_it_is_one() -> None:
    """A recall of 0 of 3 is 0, with an interval, and so is the f1 then."""
    found = _measure("recall", confusion([5, 0], [3, 0]))
    assert (found.value, found.low, round(found.high or 0, 3)) == (0.0, 0.0, 0.561)
    assert _measure("f1", confusion([5, 0], [3, 0])).value == 0.0


def test_shares_that_need_less() -> None:
    """The selection rate needs no ground truth and the base rate no prediction."""
    view = confusion([1, 0], [0, 0], unlabelled=(3, 4), undecided=(0, 2))
    assert (_measure("selection_rate", view).value, _measure("selection_rate", view).n) == (0.5, 8)
    assert (_measure("base_rate", view).value, _measure("base_rate", view).n) == (pytest.approx(2 / 3), 3)
    assert _measure("selection_rate", confusion(undecided=(1, 1))).reason == "no rows with a prediction"
    assert _measure("base_rate", confusion(unlabelled=(1, 1))).reason == NO_TARGET


def test_positive_class_that_never_occurs() -> None:
    """A positive class that nobody saw is not an error."""
    view = Confusion(("a", "b"), np.array([[3, 1], [1, 2]]), np.array([0, 0]), np.array([0, 0]), positive="c")
    assert _measure("recall", view).reason == "no positive targets"
    assert _measure("selection_rate", view).value == 0.0


def test_no_classes_at_all() -> None:
    """A window without rows has a confusion without classes."""
    none = np.zeros(0, dtype=np.int64)
    for name in [*ALL, *RATES, *AVERAGES, "base_rate"]:
        assert _measure(name, Confusion((), np.zeros((0, 0), dtype=np.int64), none, none)).reason == NO_TARGET


SCORED = "no rows with ground truth have a score"


@pytest.mark.parametrize(
    ("name", "view", "reason"),
    [
        ("roc_auc", scores(0, 0), SCORED),
        ("roc_auc", scores(3, 0), "only one class among the targets"),
        ("roc_auc", scores(0, 3), "only one class among the targets"),
        ("average_precision", scores(0, 0), SCORED),
        ("average_precision", scores(0, 3), "no positive targets"),
        ("brier_score", scores(0, 0), SCORED),
        ("brier_score", scores(3, 3, probabilities=False), "scores are not probabilities"),
        ("expected_calibration_error", scores(0, 0), SCORED),
        ("expected_calibration_error", scores(3, 3, probabilities=False), "scores are not probabilities"),
        ("log_loss", LogLoss(0, 0.0, 0.0, probabilities=True), SCORED),
        ("log_loss", LogLoss(9, 3.0, 2.0, probabilities=False), "scores are not probabilities"),
    ],
)
def test_scores(name: str, view: object, reason: str) -> None:
    """Scores that cannot be judged say why."""
    assert _measure(name, view).reason == reason


def test_mean_score_needs_no_ground_truth() -> None:
    """The mean score is over all scored rows."""
    assert _measure("mean_score", scores(0, 0)).n == 7


def test_area_over_classes_needs_all_of_them() -> None:
    """One class without rows undoes the average area, as in scikit-learn."""
    reason = "a class has no rows, or all rows, among the targets"
    assert METRICS["roc_auc_macro"].function([scores(3, 4), scores(0, 7)]).reason == reason
    assert METRICS["roc_auc_macro"].function([]).reason == SCORED


ERRORS = [m.name for m in METRICS.values() if m.reads == "residuals"]


@pytest.mark.parametrize("name", ERRORS)
def test_errors_without_rows(name: str) -> None:
    """Errors need rows with ground truth, and with numbers that are finite."""
    assert _measure(name, residuals(0)).reason == NO_TARGET
    assert _measure(name, residuals(0, unusable=4)).reason == "no row has a finite prediction and target"


@pytest.mark.parametrize("name", ERRORS)
def test_one_row_has_no_interval(name: str) -> None:
    """One row gives a value but says nothing of how far off it is."""
    found = _measure(name, residuals(1))
    if name != "symmetric_mean_absolute_percentage_error":
        assert (found.low, found.high) == (None, None)


def test_targets_without_spread() -> None:
    """No share of a spread that is not there can be explained, nor of a target of 0."""
    assert _measure("r2", residuals(5)).reason == "the targets are all equal"
    assert _measure("r2", residuals(1)).reason == "fewer than two rows with ground truth"
    assert _measure("mean_absolute_percentage_error", residuals(5)).reason == "all targets are 0"


def test_equal_targets_far_from_the_centre() -> None:
    """Rounding does not pass for spread."""
    y, n = 12345.678, 1000
    power = np.array([[n * float(i == 0) * y**j for j in range(5)] for i in range(5)])
    power[2, 0] = 3.0
    sums = Residuals(power, 1.0, np.zeros(3), np.zeros(3), np.zeros(0), np.zeros(0, np.int64), 1.0, 0.0, 0, 0)
    assert _measure("r2", sums).reason == "the targets are all equal"
