"""What is told after a pause: the last window, late; what is old or over is listed once."""

from __future__ import annotations

import pytest

from monitor.alerts.digest import gather
from tests.alerts.conftest import HOUR, Desk, verdict, window


def test_only_the_last_window_caught_up_is_told_and_flagged_late() -> None:
    """Faults that are over by then are in the digest, what still fires is told."""
    desk = Desk(cooldown=HOUR)
    now = window(20).end
    letters = "BBoo" + "o" * 11 + "BBBBBB"
    for number, letter in enumerate(letters):
        desk.step(number, [verdict(letter, number)])
        assert not [d for _, _, d in desk.send(now, final=False, late=True) if d.kind or d.withheld]
    decided = desk.send(now, late=True)
    assert [(d.kind, d.late, d.withheld) for _, _, d in decided] == [(None, False, "over"), ("opened", True, None)]
    by_key = {incident.dedup_key: incident for incident in desk.incidents["m"]}
    lines = gather((by_key[key], receiver, decision) for key, receiver, decision in decided)
    assert [(line.withheld, line.columns) for line in lines["team"]] == [("over", ("x",))]
    assert not [d for _, _, d in desk.send(now) if d.kind or d.withheld]


@pytest.mark.parametrize(
    ("age", "mature_after", "kind", "withheld"),
    [(23, None, "opened", None), (25, None, None, "too_old"), (500, 480, "opened", None), (500, 470, None, "too_old")],
)
def test_old_windows_do_not_page(age: int, mature_after: int | None, kind: str | None, withheld: str | None) -> None:
    """After a day nobody is woken; for ground truth the day begins when it was there. It is listed once."""
    desk = Desk()
    mature_at = None if mature_after is None else window(1).end + mature_after * HOUR
    for number in range(2):
        desk.step(number, [verdict("B", number, mature_at=mature_at)])
    at = window(1).end + age * HOUR
    assert [(d.kind, d.withheld) for _, _, d in desk.send(at)] == [(kind, withheld)]
    assert [(d.kind, d.withheld) for _, _, d in desk.send(at)] == [(None, None)]


def test_what_was_withheld_is_told_when_it_breaches_again() -> None:
    """A fresh window of an old incident is news."""
    desk = Desk()
    for number in range(2):
        desk.step(number, [verdict("B", number)])
    assert [d.withheld for _, _, d in desk.send(window(40).end)] == ["too_old"]
    assert desk.play("B", 41) == ["opened"]
