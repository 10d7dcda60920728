"""Any windows beside any others: every number is the one that counting the logged rows gives."""

from __future__ import annotations

import pytest

from monitor.service.view import contrast as module
from monitor.service.view.contrast import Contrast, Pair, contrast
from monitor.service.view.past import Lens
from tests.service.conftest import DAY, START, truth_of
from tests.service.view.conftest import ROWS, Seen, logged


def lens(first: int, last: int, version: str | None = None) -> Lens:
    return Lens("m", START + first * DAY, START + last * DAY, version)


def beside(seen: Seen, ours: Lens, theirs: Lens | None) -> Contrast:
    found = contrast(seen.backend, seen.config.models[0], ours, theirs, "1")
    assert isinstance(found, Contrast)
    return found


def pair(found: Contrast, metric: str, column: str | None = None) -> Pair:
    [one] = [p for p in found.pairs if (p.metric, p.column, p.group) == (metric, column, None)]
    return one


def test_both_sides_are_counted(seen: Seen) -> None:
    """Rows, means and accuracy of two stretches of days are those of the rows that were logged in them."""
    found = beside(seen, lens(5, 8), lens(3, 5))
    after, before = logged(5, 8), logged(3, 5)
    truth = {number: came for number, _, came in truth_of(ROWS)}
    assert (found.rows, found.rows_beside) == (len(after), len(before))
    for rows, side in ((after, "now"), (before, "before")):
        right = sum(truth[row[0]] == row[3] for row in rows) / len(rows)
        assert getattr(pair(found, "accuracy"), side).value == pytest.approx(right)
        mean = sum(row[5] for row in rows) / len(rows)
        assert getattr(pair(found, "mean", "amount"), side).value == pytest.approx(mean)
    assert (found.window.start, found.window.end) == (START + 5 * DAY, START + 8 * DAY)


def test_a_window_beside_the_reference_is_what_was_measured(seen: Seen) -> None:
    """One window against the reference gives the numbers that were stored for it; drift has no other side."""
    found = beside(seen, lens(7, 8), None)
    for metric in ("drift_effect", "psi", "mean_shift"):
        stored = seen.measured(metric=metric, column="amount", group=None, version=None)[-1]
        assert pair(found, metric, "amount").now.value == pytest.approx(stored.value)
        assert pair(found, metric, "amount").before is None
    assert found.beside is None
    assert found.rows_beside == len(logged(0, 3))


def test_a_stretch_beside_itself_has_not_moved(seen: Seen) -> None:
    """No drift, and every number the same on both sides; versions are counted apart."""
    found = beside(seen, lens(3, 6), lens(3, 6))
    assert {pair(found, "drift_effect", column).now.value for column in ("amount", "place", "score")} == {0.0}
    assert all(p.before is None or p.before.value == p.now.value for p in found.pairs if p.metric != "drift_effect")
    half = beside(seen, lens(3, 6, "v1"), lens(3, 6))
    assert half.rows == sum(row[2] == "v1" for row in logged(3, 6))


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        (lens(20, 21), None, "Window A: no rows were seen in it."),
        (lens(3, 4), lens(-9, -8), "Window B: no rows were seen in it."),
        (Lens("nobody"), None, "Window A: no rows were seen in it."),
    ],
    ids=["nothing in A", "nothing in B", "no model"],
)
def test_what_cannot_be_compared_is_a_sentence(seen: Seen, ours: Lens, theirs: Lens | None, said: str) -> None:
    """A side without rows is named."""
    assert contrast(seen.backend, seen.config.models[0], ours, theirs, "1") == said


def test_too_many_windows_are_refused(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    """More windows than can be counted while somebody waits: the sentence says how many may be chosen."""
    monkeypatch.setattr(module, "MOST_WINDOWS", 2)
    found = contrast(seen.backend, seen.config.models[0], lens(2, 6), None, "2")
    assert found == "Window A: it has 4 windows: choose at most 2."
