"""Alarms about what is not there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.rules.nodata import (
    KINDS,
    NOT_COMPUTED,
    judge_labels,
    judge_overdue,
    judge_rows,
    judge_schema,
    judge_source,
    rule_for,
)
from monitor.rules.situation import Situation


@pytest.fixture
def situation(here):
    """Give one window."""
    return Situation("m", here.hours(0)[0])


@pytest.mark.parametrize(
    ("rows", "expected", "states"),
    [
        pytest.param(0, [100, 110, 90, 105], ("breach", "none"), id="no rows"),
        pytest.param(0, [0, 3, 0, 5], ("ok", "none"), id="no rows at night"),
        pytest.param(0, [], ("breach", "none"), id="no rows, nothing known"),
        pytest.param(30, [100, 110, 90, 105], ("ok", "breach"), id="too few"),
        pytest.param(60, [100, 110, 90, 105], ("ok", "mid"), id="few"),
        pytest.param(95, [100, 110, 90, 105], ("ok", "ok"), id="enough"),
        pytest.param(1, [2, 4, 1, 3], ("ok", "ok"), id="so few that chance may do it"),
        pytest.param(30, [10, 400, 20, 90], ("ok", "ok"), id="as irregular as ever"),
        pytest.param(30, [100], ("ok", "none"), id="one window to compare with"),
    ],
)
def test_rows(situation, rows, expected, states):
    """No rows, and far fewer than at this hour in the reference, are told apart from quiet hours."""
    found = judge_rows(situation, rows, expected)
    assert tuple(v.state for v in found) == states
    assert [v.labels["kind"] for v in found] == ["no_rows", "too_few_rows"]


def test_overdue(situation, here):
    """A window past its time breaches, under a revision that any computing replaces."""
    due = here.start + timedelta(hours=3)
    late = judge_overdue(situation, due, due + timedelta(seconds=1), computed=False)
    assert (late.state, late.revision) == ("breach", NOT_COMPUTED)
    assert judge_overdue(situation, due, due, computed=False).state == "ok"
    done = judge_overdue(situation, due, due + timedelta(days=1), computed=True)
    assert (done.state, done.revision) == ("ok", 0)


@pytest.mark.parametrize(
    ("labelled", "expected", "state"),
    [(10, 0.8, "breach"), (390, 0.8, "mid"), (700, 0.8, "ok"), (0, None, "none"), (0, 0.01, "none")],
)
def test_labels(situation, labelled, expected, state):
    """Ground truth is overdue when it is surely less than half of what the delay curve gives."""
    assert judge_labels(situation, 1000, labelled, expected).state == state


def test_source(situation):
    """A log that cannot be read breaches, with the fault; the next window that can be read ends it."""
    fault = judge_source(situation, "connection refused")
    assert (fault.state, fault.evidence.note, fault.revision) == ("breach", "connection refused", NOT_COMPUTED)
    assert judge_source(situation, None).state == "ok"


def test_schema(situation):
    """Columns that have gone or changed their type breach; new ones do not."""
    known = {f"c{i}": "double" for i in range(9)}
    assert judge_schema(situation, known, {**known, "new": "string"}).state == "ok"
    gone = judge_schema(situation, known, {})
    assert (gone.state, gone.evidence.value) == ("breach", 9)
    assert gone.evidence.note.endswith("c4 has gone; and 4 more")


def test_excluded_windows_are_quiet(here):
    """In an excluded stretch nothing is missing."""
    situation = Situation("m", here.hours(0)[0], silent="excluded")
    assert {v.state for v in judge_rows(situation, 0, [9, 9])} == {"none"}
    assert judge_source(situation, "broken").state == "none"


@pytest.mark.parametrize("kind", KINDS)
def test_two_windows_fire_and_one_ends(kind):
    """Each kind fires after the configured windows in a row and ends with the first sound one."""
    rule = rule_for(kind, 2)
    assert (rule.needed, rule.of, rule.clear_for, rule.id) == (2, 2, 1, kind)
