"""When training anew is recommended, and what speaks against it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.alerts import retraining as step
from monitor.alerts.fold import blank, fold
from monitor.alerts.member import Member, member_of
from monitor.alerts.recommendation import Block, Grounds, Moved, Recommendation
from monitor.alerts.retraining_policy import (
    LEAST_LABELLED,
    Case,
    Fall,
    faults,
    fresh,
    grounds_of,
    is_fall,
    may_stay,
    reviewed,
    too_few,
)
from monitor.domain.verdict import Verdict
from tests.alerts.conftest import HOUR, START, verdicts, window

PERFORMANCE = {"metric": "roc_auc"}
DATA = Block("no_data", "data are missing")


def member(letters: str, found: list[Verdict] | None = None, **more: Any) -> Member:
    """Return what an incident knows of an instance after those letters."""
    looks = found or verdicts(letters, **({"labels": PERFORMANCE, "mature_at": START} | more))
    made = member_of(fold(blank(looks[0]), looks).instance)
    assert made is not None
    return made


def fall(letters: str, **more: Any) -> Fall:
    """Return a measure of performance and what its rule said, a letter a window."""
    looks = verdicts(letters, **({"labels": PERFORMANCE, "mature_at": START} | more))
    return Fall(member(letters, looks), tuple(looks))


def counted(labelled: int = 1000) -> Grounds:
    found = grounds_of([fall("oBB")])
    assert found is not None
    return replace(found, rows=labelled, labelled=labelled)


def opened(*blocks: Block, labelled: int = 1000, **more: Any) -> Recommendation:
    moved = fresh("rec_1", Case("m", blocks=blocks), counted(labelled), START + 3 * HOUR)
    assert moved is not None
    return replace(moved.recommendation, **more)


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ({"metric": "roc_auc"}, True),
        ({"metric": "mean_absolute_error"}, True),
        ({"metric": "ndcg@10"}, True),
        ({"metric": "roc_auc", "origin": "JFK"}, False),
        ({"metric": "roc_auc", "origin": None}, False),
        ({"metric": "roc_auc", "version": "v1"}, False),
        ({"metric": "estimated_roc_auc"}, False),
        ({"metric": "base_rate"}, False),
        ({"metric": "psi", "column": "x"}, False),
        ({"metric": "recall", "column": "origin"}, False),
        ({"metric": "nonsense"}, False),
    ],
)
def test_what_a_fall_is(labels: dict[str, str | None], told: bool) -> None:
    """The whole model's performance as ground truth shows it, in a direction that is bad, and nothing else."""
    assert is_fall(member("BB", labels=labels)) is told


def test_what_has_recovered_is_none() -> None:
    """An instance that fires no more is no fall."""
    assert not is_fall(member("BBoo"))


@pytest.mark.parametrize(
    ("letters", "windows", "confidence"),
    [("BB", 2, "medium"), ("BBB", 3, "high"), ("BoB", 2, "medium"), ("BBmB", 2, "medium"), ("B-B", 2, "medium")],
)
def test_two_of_three_windows(letters: str, windows: int, confidence: str) -> None:
    """Of the last three windows that said something two must breach; all three make it sure."""
    found = grounds_of([fall(letters)])
    assert found is not None
    assert (len(found.windows), found.confidence) == (windows, confidence)
    assert found.training == type(found.training)(START, window(len(letters) - 1).end)


@pytest.mark.parametrize("letters", ["B", "BmmB", "BBo"])
def test_less_is_not_enough(letters: str) -> None:
    """One window, windows far apart, and what was healthy last open nothing."""
    assert grounds_of([fall(letters, needed=1, of=1)]) is None


def test_ground_truth_that_is_not_there_does_not_count() -> None:
    """Windows that were judged before they had their ground truth show nothing."""
    assert grounds_of([fall("BB", mature_at=None)]) is None


def test_windows_of_the_model_before_do_not_count() -> None:
    """After a deployment only windows since then speak about the model that is there now."""
    one = fall("BBBB")
    assert grounds_of([one], since=window(3).start) is None
    found = grounds_of([one], since=window(2).start)
    assert found is not None
    assert found.training.start == window(2).start
    assert not may_stay(one.member, window(4).start)
    assert may_stay(one.member, window(3).start)


def test_data_that_are_broken_are_named() -> None:
    """Missing data and broken columns are two blocks, each with what is wrong; drift is none, nor what has settled."""
    found = faults(
        [
            member("BB", labels={"metric": "missing_rate_change", "column": "age"}),
            member("BB", labels={"kind": "overdue", "metric": "overdue"}),
            member("BB", labels={"metric": "psi", "column": "fare"}),
            member("BBoo", labels={"metric": "unseen_rate", "column": "place"}),
        ]
    )
    assert [(block.code, block.detail.rpartition(": ")[2]) for block in found] == [
        ("no_data", "overdue"),
        ("data_quality", "missing_rate_change of age"),
    ]


def test_too_little_to_learn_from() -> None:
    """Below so many labelled rows a recommendation waits."""
    assert too_few(counted(LEAST_LABELLED)) == ()
    assert [block.code for block in opened(labelled=LEAST_LABELLED - 1).blocked_by] == ["too_few_labels"]


def test_nothing_is_opened_while_nobody_wants_to_hear() -> None:
    """After a refusal its cool-down is kept."""
    quiet = Case("m", quiet_until=START + HOUR)
    assert fresh("rec_1", quiet, counted(), START) is None
    assert fresh("rec_1", quiet, counted(), START + HOUR) is not None


def test_blocks_come_and_go() -> None:
    """Each change is an event; what stays is none."""
    known, falling = opened(), (member("BB"),)
    at = START + 5 * HOUR
    blocked = reviewed(known, Case("m", falling, (DATA,)), None, at)
    assert ([event.kind for event in blocked.events], blocked.recommendation.due) == (["blocked"], False)
    again = reviewed(blocked.recommendation, Case("m", falling, (DATA,)), None, at)
    assert again == Moved(blocked.recommendation)
    due = reviewed(blocked.recommendation, Case("m", falling), None, at)
    assert ([event.kind for event in due.events], due.recommendation.due) == (["due"], True)


def test_an_approval_is_for_what_was_seen() -> None:
    """A block that comes back after it had gone blocks again."""
    falling, at = (member("BB"),), START + 5 * HOUR
    freed = step.approve(opened(DATA), actor="ann", at=at).recommendation
    assert reviewed(freed, Case("m", falling, (DATA,)), None, at) == Moved(freed)
    gone = reviewed(freed, Case("m", falling), None, at).recommendation
    assert not reviewed(gone, Case("m", falling, (DATA,)), None, at).recommendation.due


def test_it_ends_with_the_fall() -> None:
    """When performance is back it expires; when the model or reference was replaced it is superseded."""
    at = START + 9 * HOUR
    assert reviewed(opened(), Case("m"), None, at).recommendation.status == "expired"
    replaced = Case("m", (member("BB"),), since=START + 4 * HOUR)
    assert reviewed(opened(), replaced, None, at).recommendation.status == "superseded"


def test_who_trains_is_left_to_finish() -> None:
    """What is claimed ends neither when performance is back nor when the reference was replaced."""
    at = START + 3 * HOUR
    held = step.claim(
        opened(), number="clm_1", claimant="ann", run_id="1", ttl=timedelta(hours=9), fence=1, at=at
    ).recommendation
    assert reviewed(held, Case("m"), None, at + HOUR) == Moved(held)
    assert reviewed(held, Case("m", since=at + HOUR), None, at + HOUR) == Moved(held)
