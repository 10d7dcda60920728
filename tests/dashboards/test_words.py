"""Verdicts in words, small drawings and files: what they say and what they must not hold."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from dashboards.components.sparkline import drawing, stretches
from dashboards.components.verdict import pile, sentence, verdict_word
from dashboards.explore.export import written
from monitor.service.view import standing as view
from monitor.service.view.standing import Found, Standing
from monitor.service.view.trend import Point
from tests.service.conftest import DAY, START

MOVED = view.Tested(41, 2, (Found("carrier", "drift_effect"), Found("dep_hour", "drift_effect")))
DRIFTING = Standing("m", "binary", "ok", "drift", "fresh", severity="critical", features=MOVED)


@pytest.mark.parametrize(
    ("one", "heap", "word", "said"),
    [
        (DRIFTING, "care", "Drift · critical", "carrier and dep_hour moved."),
        (
            Standing("m", "binary", "ok", "ok", "fresh", features=view.Tested(7)),
            "ok",
            "OK",
            "7 columns as in the reference.",
        ),
        (Standing("m", "binary", "new", "unknown", "new"), "learning", "New", "Waiting for its first window."),
        (Standing("m", "binary", "failing", "unknown", "stale"), "unknown", "Failing", "Its log cannot be read."),
        (
            Standing("m", "binary", "late", "unknown", "stale", expected_at=START - timedelta(hours=3)),
            "unknown",
            "Late",
            "A window is 3 h overdue.",
        ),
        (
            Standing(
                "m", "binary", "ok", "unknown", "fresh", severity="warning", problems=("no_rows",), data_incident="i"
            ),
            "care",
            "Data · warning",
            "No rows arrive.",
        ),
    ],
    ids=["drift", "calm", "new", "failing", "late", "no rows"],
)
def test_a_standing_is_one_plain_sentence(one: Standing, heap: str, word: str, said: str) -> None:
    """What is wrong is said first, in the words of those who read it."""
    assert (pile(one), verdict_word(one), sentence(one, START)) == (heap, word, said)


def test_a_sparkline_leaves_gaps_open() -> None:
    """A window without a value is a gap, never drawn over."""
    values = [0.8, 0.7, None, 0.9, None]
    points = [Point(START + place * DAY, value, value, value) for place, value in enumerate(values)]
    assert [[place for place, _ in run] for run in stretches(points)] == [[0, 1], [3]]
    assert drawing(points).count('stroke-width="1.75"') == 2


def test_a_sparkline_holds_numbers_alone() -> None:
    """The drawing is put into a style: nothing in it can come from a name."""
    points = [Point(START + place * DAY, place / 7, place / 8, place / 6) for place in range(9)]
    assert not re.findall(r'[^\w\s<>="/.:,#-]', drawing(points, 0.5))


def test_no_cell_of_a_file_is_a_formula() -> None:
    """Names that a spreadsheet would run are text; numbers stay numbers."""
    rows = [["=HYPERLINK(1)", "+1", "-2", "@x", "\tx", "a,b", -0.25, None]]
    text = written("abcdefgh", rows)
    assert text.splitlines()[1] == "'=HYPERLINK(1),'+1,'-2,'@x,'\tx,\"a,b\",-0.25,"
