"""Whether a window gets a new revision is decided by what changed since the last, how often, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.window import Window
from monitor.service.measuring.footing import Footing
from monitor.service.measuring.revise import MOST, Verdict, judge, worth
from monitor.service.tiles.turn import every, next_look
from monitor.store.runs import Outcome, Run

NOW = datetime(2024, 3, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WINDOW = Window(NOW - 5 * DAY, NOW - 4 * DAY)
PAST = Outcome(digest="a:b", rows=1000, labelled=400, coverage=0.4, provisional=True, late=7)


def run_of(outcome: Outcome = PAST, revision: int = 0, finished: datetime = NOW - 2 * HOUR) -> Run:
    empty: dict[str, Any] = dict.fromkeys(
        ("owner", "lease_until", "next_attempt_at", "error_state", "error", "started_at")
    )
    return Run(1, 1, WINDOW, revision, "done", outcome, **empty, fence=0, attempts=0, deaths=0, created_at=finished,
               finished_at=finished)  # fmt: skip


def told(run: Run, found: Footing, *, closed: bool = False, **more: Any) -> Verdict:
    return judge(run, found, NOW, closed=closed, **{"expected": None} | more)


SAME = Footing("a:b", 1000, 400, 7)
LABELS = Footing("a:c", 1000, 450, 7)


@pytest.mark.parametrize(
    ("found", "more", "why"),
    [
        (SAME, {}, None),
        (LABELS, {}, None),
        (replace(LABELS, labelled=500), {}, "coverage"),
        (replace(LABELS, labelled=960), {}, "coverage"),
        (LABELS, {"expected": 0.5}, "coverage"),
        (replace(LABELS, late=8), {}, "corrected"),
        (Footing("x:c", 1001, 400, 8), {}, "late_rows"),
        (Footing("x:c", 1029, 400, 36), {"least": 30}, None),
        (Footing("x:c", 1030, 400, 37), {"least": 30}, "late_rows"),
        (Footing("x:c", 2000, 1000, 20), {"least": 30}, "coverage"),
        (SAME, {"closed": True}, "closed"),
        (LABELS, {"closed": True}, "closed"),
        (Footing("x:c", 1030, 400, 37), {"closed": True}, "closed"),
    ],
)  # fmt: skip
def test_each_reason_has_its_own_name(found: Footing, more: dict[str, Any], why: str | None) -> None:
    """What was the same stays; first labels count by the step, late rows by their number, the close by anything."""
    assert told(run_of(), found, **more) == Verdict(why)


def test_a_curve_that_became_known_makes_nothing_out_of_nothing() -> None:
    """The same rows and labels never make a revision, whatever is expected of them by now."""
    assert told(run_of(), SAME, expected=0.4) == Verdict()


def test_at_the_close_a_final_window_that_is_still_the_same_stays() -> None:
    """Neither provisional nor changed: nothing is to be said again; after the close nothing is at all."""
    final = replace(PAST, provisional=False)
    assert told(run_of(final), SAME, closed=True) == Verdict()
    assert told(run_of(final), LABELS, closed=True) == Verdict("closed")
    assert told(run_of(replace(final, closed=True)), replace(LABELS, late=900), closed=True) == Verdict()


@pytest.mark.parametrize(
    ("revision", "restated", "closed", "due"),
    [(3, 0, False, True), (4, 0, False, False), (4, 0, True, True), (5, 0, True, False), (5, 2, False, True),
     (7, 2, True, False)],
)  # fmt: skip
def test_five_at_most_and_the_fifth_at_the_close(revision: int, restated: int, closed: bool, due: bool) -> None:
    """Revisions that somebody asked for do not count."""
    found = told(run_of(revision=revision), replace(LABELS, late=99), closed=closed, restated=restated)
    assert found.due == due


def test_an_hour_lies_between_two_revisions() -> None:
    """Not after the first measurement; what has to wait says until when."""
    more, late = replace(LABELS, late=99), NOW - HOUR / 2
    assert told(run_of(revision=0, finished=late), more).due
    assert told(run_of(revision=1, finished=late), more) == Verdict("corrected", NOW + HOUR / 2)
    assert told(run_of(revision=1, finished=late), SAME) == Verdict()
    assert told(run_of(revision=1, finished=NOW - HOUR), more).due


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 30), st.integers(0, 20), st.sampled_from([1, 30])), max_size=40
    ),
    st.one_of(st.none(), st.floats(0.01, 1.0)),
)
def test_whatever_comes_revisions_are_few_and_ordered(
    events: list[tuple[int, int, int, int]], expected: float | None
) -> None:
    """Any stream of labels and late rows: at most five, an hour apart, the same facts none, nothing after the close."""
    last, now = run_of(PAST, finished=NOW), NOW
    found = Footing("a:b", 1000, 400, 7)
    close, made = NOW + 10 * DAY, [last]
    for number, (hours, labels, late, least) in enumerate(events):
        now += hours * HOUR
        if labels or late:
            found = Footing(
                f"{'a' if not late else number}:{number}", found.rows, found.labelled + labels, found.late + late
            )
        before = judge(last, found, now, expected=expected, closed=now >= close, least=least)
        if not before.due:
            assert before.not_before is None or now < before.not_before <= now + HOUR
            continue
        outcome = replace(
            PAST, digest=found.digest, labelled=found.labelled, coverage=found.coverage, expected=expected,
            late=found.late, provisional=now < close, closed=now >= close,
        )  # fmt: skip
        last = run_of(outcome, last.revision + 1, now)
        made.append(last)
        assert judge(last, found, now + 2 * HOUR, expected=expected, closed=now >= close, least=least).cause is None
    assert [run.revision for run in made] == list(range(len(made)))
    assert len(made) <= MOST + 1
    assert all(b.finished_at - a.finished_at >= HOUR for a, b in pairwise(made[1:]))
    assert sum(run.outcome.closed for run in made) <= 1


def test_late_rows_worth_a_revision() -> None:
    """Thirty, or one in a hundred of a large window."""
    assert [worth(n) for n in (0, 100, 3000, 3001, 100_000)] == [30, 30, 30, 31, 1000]


def test_tiles_are_looked_at_less_and_less_and_at_the_close() -> None:
    """Hourly within a day, every six hours within a week, then daily; a close comes in between."""
    assert [every(age * HOUR) for age in (0, 23, 24, 167, 168, 9999)] == [HOUR, HOUR, 6 * HOUR, 6 * HOUR, DAY, DAY]
    looked = NOW + 10 * DAY
    assert next_look(NOW, looked, None) == looked + DAY
    assert next_look(NOW, looked, looked + 3 * HOUR) == looked + 3 * HOUR
    assert next_look(NOW, looked, looked + 3 * DAY) == looked + DAY
