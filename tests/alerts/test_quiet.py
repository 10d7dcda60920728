"""What a silence or a mute time keeps from receivers, and what is told when it ends."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from monitor.alerts.hearing import Wishes
from monitor.alerts.matcher import parse
from monitor.alerts.silence import silence
from monitor.config.mute_time import MuteTimeConfig
from tests.alerts.conftest import HOUR, START, Desk, verdict, window

Y: dict[str, Any] = {"labels": {"metric": "psi", "column": "y"}}


def silenced(first: float, hours: float, *texts: str) -> Wishes:
    """Return wishes with one silence, of the model if no matcher is given."""
    begin = START + first * HOUR
    found = silence(
        "s",
        map(parse, texts or ["model=m"]),
        starts_at=begin,
        ends_at=begin + hours * HOUR,
        author="a",
        reason="r",
        at=begin,
    )
    return Wishes(silences=[found])


def kinds(desk: Desk, at: datetime) -> list[str]:
    """Return the kinds of the notices that are decided at an instant."""
    return [decision.kind for _, _, decision in desk.send(at) if decision.kind]


def test_a_silence_hides_and_its_end_is_one_notice() -> None:
    """What still fires when a silence ends is told then: opened if it was never told, repeated if it was."""
    assert Desk(wishes=silenced(0, 5)).play("BBBBBBBB") == [*[None] * 4, "opened", None, None, None]
    assert Desk(wishes=silenced(3, 5)).play("B" * 12) == [
        None, "opened", *[None] * 5, "repeated", *[None] * 4,
    ]  # fmt: skip


def test_what_comes_and_goes_in_a_silence_is_not_told() -> None:
    """Neither opened nor resolved; the digest has a line, once."""
    desk = Desk(wishes=silenced(0, 9))
    assert desk.play("BBoooo") == [None] * 6
    assert desk.ledgers[desk.last().dedup_key, "team"].told == "nothing"
    assert desk.ledgers[desk.last().dedup_key, "team"].episode == 1


def test_a_resolve_is_told_in_a_silence_if_the_opening_was() -> None:
    """A page that was sent is closed, whatever is silenced since."""
    assert Desk(wishes=silenced(3, 9)).play("BBBBoo") == [None, "opened", None, None, None, "resolved"]


def test_a_silence_of_one_column_hides_only_that() -> None:
    """The others open the incident; when the silence ends the hidden one is an update."""
    desk = Desk(wishes=silenced(0, 4, "column=x"))
    told = []
    for number in range(6):
        desk.step(number, [verdict("B", number), verdict("B", number, **Y)])
        told.append(kinds(desk, window(number).end))
    assert told == [[], ["opened"], [], ["updated"], [], []]


def test_notices_wait_for_the_end_of_a_mute_time() -> None:
    """In it nothing is told, resolves neither; after it what is still so."""
    mute = Wishes(mute_times=[MuteTimeConfig.model_validate({"hours": "00:00-06:00"})])
    assert Desk(wishes=mute).play("BBBBBBB")[-2:] == ["opened", None]
    assert Desk(wishes=mute).play("BBooooo") == [None] * 7
    late = Wishes(mute_times=[MuteTimeConfig.model_validate({"hours": "03:00-06:00"})])
    assert Desk(wishes=late).play("BBooooo") == [None, "opened", None, None, None, "resolved", None]


def test_hidden_members_have_not_left() -> None:
    """A member that is silenced after it was told is no change."""
    desk = Desk()
    for number in range(2):
        desk.step(number, [verdict("B", number), verdict("B", number, **Y)])
    desk.send(window(1).end)
    desk.wishes = silenced(2, 9, "column=y")
    assert kinds(desk, window(3).end) == []
