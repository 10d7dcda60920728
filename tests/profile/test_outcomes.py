"""Performance counts against plain Python: confusion, scores, log-loss and residuals on awkward rows."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import log_loss as sklearn_log_loss

from monitor.profile.reading import Reading
from tests.profile.conftest import read, table

NAN = float("nan")


def cells(reading: Reading, attributes: tuple[str, ...] = ()) -> dict[object, Counter[tuple[str | None, str | None]]]:
    """Return rows by target and prediction, by group, out of the views."""
    found = {}
    for group, c in reading.confusions(attributes).items():
        counted: Counter[tuple[str | None, str | None]] = Counter()
        for i, a in enumerate(c.classes):
            counted |= Counter({(a, b): int(c.matrix[i, j]) for j, b in enumerate(c.classes)})
            counted |= Counter({(None, a): int(c.unlabelled[i]), (a, None): int(c.undecided[i])})
        counted[None, None] = c.blank
        found[group] = +counted
    return found


@pytest.mark.parametrize(
    ("target", "prediction"),
    [
        ([1, 0, 1, None, 0, None], [1, 1, None, 1, 0, None]),
        ([True, False, True, None], [1, 0, 0, 1]),
        (["1", "0", "1.0", " 1 "], [1.0, 0.0, NAN, 1.0]),
        ([1.0, NAN, 0.0, 1.0], ["true", "false", "TRUE", None]),
        (["yes", "no", "maybe", None], ["yes", "yes", "no", "no"]),
    ],
    ids=["ints", "booleans and ints", "text and floats", "floats and words", "text"],
)
def test_confusion_counts_pairs(target: list[object], prediction: list[object]) -> None:
    """Every row is in one cell, missing ones too; numbers of any type are one class."""
    words = {True: "1", False: "0", "true": "1", "false": "0", "TRUE": "1", "1.0": "1", " 1 ": "1"}

    def text(value: object) -> str | None:
        if value is None or value != value:  # noqa: PLR0124
            return None
        return words.get(value, str(int(value)) if isinstance(value, float) else str(value))  # type: ignore[call-overload]

    reading = read("binary", table(target=target, prediction=prediction))
    expected = Counter(zip(map(text, target), map(text, prediction), strict=True))
    assert cells(reading)[()] == expected
    assert reading.rows.labelled == sum(text(t) is not None for t in target)


def test_confusion_by_group_and_intersection() -> None:
    """Groups partition the rows, missing values are a group, and intersections are pairs."""
    rng = np.random.default_rng(1)
    n = 400
    target, prediction = rng.integers(0, 2, n).tolist(), rng.integers(0, 2, n).tolist()
    sex = [["f", "m", None][i] for i in rng.integers(0, 3, n)]
    age = rng.integers(0, 3, n).tolist()
    batch = table(target=target, prediction=prediction, column_sex=sex, column_age=age)
    reading = read("binary", batch, groups=(("sex",), ("age", "sex")))
    rows = list(zip(map(str, target), map(str, prediction), sex, map(str, age), strict=True))
    assert cells(reading, ("sex",)) == {
        (s,): Counter((t, p) for t, p, q, _ in rows if q == s) for s in ("f", "m", None)
    }
    both = {(a, s) for _, _, s, a in rows}
    expected = {(a, s): Counter((t, p) for t, p, q, b in rows if (b, q) == (a, s)) for a, s in both}
    assert cells(reading, ("age", "sex")) == expected


def test_a_decision_comes_from_the_threshold_where_none_is_logged() -> None:
    """A score at the threshold decides for the positive class; a missing one decides nothing."""
    batch = table(target=["p", "n", "p", "n", "p"], score=[0.3, 0.29999, 0.9, None, NAN])
    reading = read("binary", batch, positive="p", threshold=0.3)
    assert cells(reading)[()] == {("p", "p"): 2, ("n", "not p"): 1, ("n", None): 1, ("p", None): 1}
    plain = read("binary", table(target=[1, 0], score=[0.6, 0.4]))
    assert cells(plain)[()] == {("1", "1"): 1, ("0", "0"): 1}


def test_the_greatest_class_score_decides() -> None:
    """Without a prediction the largest score wins, missing ones never; with none at all nothing is decided."""
    batch = table(
        target=["a", "b", "c", "a"],
        score_a=[0.5, NAN, 0.1, NAN],
        score_b=[0.2, 0.1, NAN, NAN],
        score_c=[0.3, None, 0.9, NAN],
    )
    assert cells(read("multiclass", batch))[()] == {("a", "a"): 1, ("b", "b"): 1, ("c", "c"): 1, ("a", None): 1}


def test_many_classes_with_odd_names() -> None:
    """Two thousand classes and hostile names are counted like any."""
    names = [f"klass {i}" for i in range(2_000)] + ["'; --", "", " ", "\x00", "名"]
    reading = read("multiclass", table(target=names, prediction=names[::-1]))
    (confusion,) = reading.confusions().values()
    assert confusion.n == len(names)
    assert set(confusion.classes) == set(names)


SCORES = [0.0, 1.0, 0.5, 0.25, NAN, None, 1e-17, 1 - 1e-17, 0.999, 0.3]
TRUTH = [0, 1, 1, None, 1, 0, 1, 0, 0, 1]


def test_scores_are_counted_by_truth() -> None:
    """Rows with a score are split by truth; sums are over scored, errors over labelled rows."""
    reading = read("binary", table(target=TRUTH, score=SCORES))
    (scores,) = reading.scores().values()
    known = [(s, t) for s, t in zip(SCORES, TRUTH, strict=True) if s is not None and s == s]  # noqa: PLR0124
    assert scores.positive.sum() == sum(t == 1 for _, t in known)
    assert scores.negative.sum() == sum(t == 0 for _, t in known)
    assert scores.unlabelled.sum() == sum(t is None for _, t in known)
    assert scores.score_sum == pytest.approx(sum(s for s, _ in known), rel=1e-12)
    errors = [(s - t) ** 2 for s, t in known if t is not None]
    assert scores.squared_error == pytest.approx(sum(errors), rel=1e-12)
    assert scores.calibration[0].sum() == len(errors)
    assert scores.calibration[1].sum() == sum(t == 1 for _, t in known)
    assert scores.probabilities


def test_log_loss_is_scikit_learns() -> None:
    """Probabilities of 0 and 1 are clipped as there; rows without target or score do not enter."""
    reading = read("binary", table(target=TRUTH, score=SCORES))
    known = [(s, t) for s, t in zip(SCORES, TRUTH, strict=True) if s is not None and s == s and t is not None]  # noqa: PLR0124
    (loss,) = reading.log_losses().values()
    assert loss.n == len(known)
    expected = sklearn_log_loss([t for _, t in known], [s for s, _ in known], labels=[0, 1])
    assert loss.first / loss.n == pytest.approx(expected, rel=1e-9)


def test_log_loss_of_many_classes_takes_the_score_of_what_came_true() -> None:
    """A target without a score column of its own does not enter."""
    batch = table(target=["a", "b", "c", None], score_a=[0.7, 0.2, 0.1, 0.3], score_b=[0.3, 0.8, 0.9, 0.7])
    (loss,) = read("multiclass", batch).log_losses().values()
    assert (loss.n, loss.first) == (2, pytest.approx(-np.log(0.7) - np.log(0.8)))


def test_scores_that_are_no_probabilities_say_so() -> None:
    """Margins are ranked, not calibrated; infinite and huge ones are counted at the ends."""
    score = [-3.0, 7.0, np.inf, -np.inf, 1e308, 0.5]
    reading = read("binary", table(target=[0, 1, 1, 0, 1, 0], prediction=[0, 1, 1, 0, 1, 0], score=score))
    (scores,) = reading.scores().values()
    assert not scores.probabilities
    assert scores.squared_error == 0.0
    assert scores.positive.tolist()[-1] == 2
    assert scores.negative.tolist()[0] == 1
    assert not any(loss.probabilities for loss in reading.log_losses().values())


def test_scores_beyond_the_reference_do_not_break_calibration() -> None:
    """A current score of 1e99 after a reference of probabilities is counted."""
    reference = table(target=[0, 1, 1], score=[0.1, 0.5, 0.9])
    reading = read("binary", table(target=[0, 1, 1], score=[1e99, -5.0, 0.5]), reference)
    (scores,) = reading.scores().values()
    assert scores.n == 3
    assert scores.calibration[0].tolist()[0] + scores.calibration[0].tolist()[-1] == 2


def test_residuals_are_sums_over_usable_rows() -> None:
    """Rows without target are unlabelled, what is no number is unusable; targets of 0 have no relative error."""
    target = [1.0, 0.0, None, NAN, np.inf, 4.0, 1e308, -2.0, 5e-324]
    prediction = [2.0, 1.0, 3.0, 1.0, 1.0, None, 1.0, -2.0, 1.0]
    (found,) = read("regression", table(target=target, prediction=prediction)).residuals().values()
    assert (found.n, found.unlabelled, found.unusable, found.rows) == (4, 2, 3, 9)
    assert found.power[1, 0] == pytest.approx(1 + 1 + 0 + 1)
    assert found.absolute == pytest.approx(3)
    assert found.relative.tolist() == pytest.approx([2, 1.0, 1.0])
    assert found.symmetric.tolist()[0] == 4
    assert found.largest == 1.0
    assert found.size_counts.sum() == 4


def test_moments_of_residuals_equal_numpy() -> None:
    """Powers about the reference mean are those of the rows."""
    rng = np.random.default_rng(2)
    y = rng.normal(1e6, 3, size=500)
    e = rng.normal(0.5, 2, size=500)
    (found,) = read("regression", table(target=y, prediction=y + e)).residuals().values()
    error = (y + e) - y
    for i in range(5):
        for j in range(5 - i):
            terms = error**i * (y - found.centre) ** j
            assert abs(found.power[i, j] - terms.sum()) <= 1e-12 * np.abs(terms).sum() + 1e-9 * (i + j == 0)


def test_text_targets_of_a_regression_are_parsed_or_counted() -> None:
    """Numbers as text count as numbers, words are unusable."""
    batch = table(target=["1.5", "x", None, " 2 "], prediction=pa.array([1, 1, 1, 1]))
    (found,) = read("regression", batch).residuals().values()
    assert (found.n, found.unusable, found.unlabelled, found.absolute) == (2, 1, 1, 1.5)


@pytest.mark.parametrize(
    ("task", "expected"), [("regression", (2, 2)), ("multiclass", (4, 0))], ids=["regression", "multiclass"]
)
def test_text_is_ground_truth_for_classes_only(task: str, expected: tuple[int, int]) -> None:
    """A regression's target that is no number is counted apart and covers nothing."""
    batch = table(target=["1.5", "n/a", None, "7", "1,5"], prediction=[1.0, 2.0, 3.0, 4.0, 5.0])
    rows = read(task, batch).rows
    assert (rows.labelled, rows.unparsable) == expected
    assert rows.rows == 5
