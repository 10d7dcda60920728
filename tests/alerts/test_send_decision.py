"""The send decision: who is told, what for, how often, and what nobody is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from monitor.alerts.acknowledge import acknowledge, resolve, unacknowledge
from monitor.alerts.hearing import Hearing
from monitor.alerts.ledger import Ledger
from monitor.alerts.send_decision import Moment, decide
from monitor.alerts.send_policy import SendPolicy
from monitor.config.route import RouteConfig
from tests.alerts.conftest import HOUR, Desk, verdict, window

TEAM = RouteConfig(receivers=("team",))
Y: dict[str, Any] = {"labels": {"metric": "psi", "column": "y"}}


def kinds(desk: Desk, at: datetime) -> list[str]:
    """Return the kinds of the notices that are decided at an instant."""
    return [decision.kind for _, _, decision in desk.send(at) if decision.kind]


def test_opened_once_and_resolved_once() -> None:
    """A fault that comes and goes is two notices."""
    assert Desk().play("oBBBBoo" + "o" * 30) == [None, None, "opened", None, None, None, "resolved", *[None] * 30]


def test_what_never_fires_is_never_told() -> None:
    """One breach is nobody's business."""
    assert Desk().play("BooBoooB") == [None] * 8


def test_a_warning_repeats_daily_and_a_critical_one_every_four_hours() -> None:
    """Nobody having looked after it, it is told again."""
    found = Desk().play("B" * 60)
    assert [n for n, kind in enumerate(found) if kind == "repeated"] == [25, 49]
    found = Desk().play("C" * 14)
    assert [n for n, kind in enumerate(found) if kind == "repeated"] == [5, 9, 13]


def test_an_acknowledgement_stops_repeats_until_it_ends() -> None:
    """Nothing is repeated while somebody looks after it; at the end it is told once, then repeated as before."""
    desk = Desk()
    desk.play("CC")
    desk.keep(acknowledge(desk.last(), actor="ann", at=window(1).end, expires_at=window(1).end + 10 * HOUR))
    assert desk.play("C" * 15, 2) == [None] * 9 + ["ack_expired", None, None, None, "repeated", None]


def test_freeing_is_no_news_and_lets_repeats_go_on() -> None:
    """After an un-ack repeats count from the last page, and an old expiry is not told later."""
    desk = Desk()
    desk.play("CC")
    desk.keep(acknowledge(desk.last(), actor="ann", at=window(1).end, expires_at=window(1).end + HOUR / 2))
    desk.assemble(window(2).start + HOUR / 2)
    desk.keep(acknowledge(desk.last(), actor="ann", at=window(2).end))
    assert kinds(desk, window(2).end) == []
    desk.keep(unacknowledge(desk.last(), actor="ann", at=window(2).end))
    assert kinds(desk, window(2).end) == []
    assert kinds(desk, window(5).end) == ["repeated"]


def test_a_rise_is_always_told() -> None:
    """Acknowledged or not; a fall is but the leaving of a member, and a new rise is told again."""
    desk = Desk()
    desk.play("BB")
    desk.keep(acknowledge(desk.last(), actor="ann", at=window(1).end))
    told = []
    for number, letter in enumerate("CCooCC", 2):
        desk.step(number, [verdict("B", number), verdict(letter, number, rule="s")])
        told += kinds(desk, window(number).end)
    assert told == ["severity_up", "updated", "severity_up"]


def test_changed_members_are_told_once_an_hour() -> None:
    """Newcomers within the hour wait, and are told together."""
    desk = Desk()
    desk.play("BB")
    at = window(1).end
    for minutes, column in ((10, "y"), (20, "z"), (70, "w")):
        looks = [verdict("B", n, labels={"metric": "psi", "column": column}) for n in (0, 1)]
        for number in (0, 1):
            desk.step(number, [looks[number]], at + timedelta(minutes=minutes))
        found = kinds(desk, at + timedelta(minutes=minutes))
        assert found == (["updated"] if minutes == 70 else [])
    assert desk.ledgers[desk.last().dedup_key, "team"].members == {m.fingerprint for m in desk.last().held}


def test_an_update_does_not_put_off_the_repeat() -> None:
    """A page is repeated by its own clock."""
    desk = Desk()
    desk.play("CC")
    desk.step(2, [verdict("C", 2), verdict("B", 2, needed=1, of=1, **Y)])
    assert kinds(desk, window(2).end) == ["updated"]
    assert kinds(desk, window(1).end + 4 * HOUR) == ["repeated"]


def test_a_firing_after_the_resolve_is_reopened() -> None:
    """The same incident comes back under its own name."""
    assert Desk().play("BBoo" + "o" * 8 + "BB") == [None, "opened", None, "resolved", *[None] * 9, "reopened"]


def test_resolved_by_hand_and_back() -> None:
    """A manual resolve is told as such, and the next breach reopens."""
    desk = Desk()
    desk.play("BB")
    desk.keep(resolve(desk.last(), actor="ann", at=window(1).end))
    sent = [d for _, _, d in desk.send(window(1).end) if d.kind]
    assert [(d.kind, d.reason) for d in sent] == [("resolved", "manual")]
    assert desk.play("-B", 2) == [None, "reopened"]


def test_flapping_is_told_once_and_then_how_it_ended() -> None:
    """After the flapping notice nothing is told of it until it settles."""
    assert Desk().play("BBooBBooBBooBBooooooo")[3:] == [
        "resolved", None, "reopened", None, "flapping", *[None] * 12, "resolved",
    ]  # fmt: skip
    assert Desk().play("BBooBBooBB" + "B" * 6)[7:] == ["flapping", *[None] * 6, "updated", None]


def test_missing_data_are_told_instead_of_drift() -> None:
    """Drift of the same windows waits until the data are back, and is told if it is still there."""
    desk = Desk()
    told = []
    for number, (drift, fault) in enumerate(["BB", "BB", "Bo", "Bo", "Bo"]):
        lack = verdict(fault, number, rule="no_data", labels={"metric": "no_rows"})
        desk.step(number, [verdict(drift, number), lack])
        told.append([(key, d.kind, d.reason) for key, d in _decided(desk, window(number).end)])
    assert told == [
        [],
        [("m/no_data", "opened", "no_rows")],
        [("m", "opened", None)],
        [("m/no_data", "resolved", "no_rows")],
        [],
    ]


def _decided(desk: Desk, at: datetime) -> list[tuple[str, Any]]:
    names = {i.dedup_key: i.key for found in desk.incidents.values() for i in found}
    return [(names[incident], decision) for incident, _, decision in desk.send(at) if decision.kind]


def test_drift_that_warns_stands_in_the_notice_of_critical_performance() -> None:
    """It is no update of its own while performance is critical."""
    desk = Desk()
    bad = {"rule": "p", "labels": {"metric": "accuracy"}, "needed": 1, "of": 1}
    told = []
    for number, letters in enumerate(["Co", "CB", "CB", "CB"]):
        desk.step(number, [verdict(letters[0], number, **bad), verdict(letters[1], number)])
        told.append(kinds(desk, window(number).end))
    assert told == [["opened"], [], [], []]
    assert len(desk.last().held) == 2


def test_a_graver_incident_opens_at_another_receiver_and_closes_at_both() -> None:
    """Whoever was told of it hears of the rise and of the end, and repeats go to whom the routes lead now."""
    routes = [RouteConfig(match={"severity": ("critical",)}, receivers=("oncall",)), TEAM]
    desk = Desk(routes=routes, receivers=("team", "oncall"))
    desk.play("BB")
    desk.play("CC" + "C" * 5, 2)
    desk.play("oo", 9)
    assert desk.notices == [
        ("m", "team", "opened"),
        ("m", "team", "severity_up"),
        ("m", "oncall", "opened"),
        ("m", "oncall", "repeated"),
        ("m", "team", "resolved"),
        ("m", "oncall", "resolved"),
    ]


def test_escalation_tells_others_until_somebody_looks() -> None:
    """Each step is told once; after freeing, and once it is due anew, again."""
    steps = RouteConfig.model_validate({"receivers": ["team"], "escalate": [{"after": "2h", "to": ["lead"]}]})
    desk = Desk(routes=[steps], receivers=("team", "lead"))
    desk.play("BBBBB")
    assert desk.notices == [("m", "team", "opened"), ("m", "lead", "escalated")]
    desk.keep(acknowledge(desk.last(), actor="ann", at=window(4).end))
    desk.play("BBB", 5)
    desk.keep(unacknowledge(desk.last(), actor="ann", at=window(7).end))
    desk.play("BBB", 8)
    assert desk.notices[2:] == [("m", "lead", "escalated")]
    desk.play("oo", 11)
    assert desk.notices[3:] == [("m", "team", "resolved"), ("m", "lead", "resolved")]


def test_a_receiver_that_wants_no_resolves_is_told_of_the_return() -> None:
    """Its ledger knows of the resolve, so that the next firing is no continuation."""
    desk = Desk(decide=lambda *given: decide(*given, send_resolved=False))
    assert desk.play("BBoo" + "o" * 8 + "BB") == [None, "opened", *[None] * 11, "reopened"]


def test_who_is_not_routed_to_hears_nothing() -> None:
    """A receiver without a route has an empty ledger for ever."""
    desk = Desk(routes=[])
    assert desk.play("CCoo") == [None] * 4
    assert set(desk.ledgers.values()) == {Ledger()}


def test_the_decision_does_not_depend_on_being_asked_twice() -> None:
    """Asked again at the same moment there is nothing new, for every state on the way."""
    desk = Desk()
    for number, letter in enumerate("BBooBBooBBBBBBBB"):
        desk.step(number, [verdict(letter, number)])
        desk.send(window(number).end)
        assert kinds(desk, window(number).end) == []


def test_the_ledger_counts_notices() -> None:
    """Each notice has the next number, so that a receiver's outbox is unique by it."""
    desk = Desk()
    desk.play("BBoo" + "o" * 6 + "BBoo")
    assert desk.ledgers[desk.last().dedup_key, "team"].seq == len(desk.notices) == 4


def test_info_is_told_like_a_warning() -> None:
    """The least severity has the longest pause."""
    assert SendPolicy().repeat("info") == SendPolicy().repeat("warning")
    case = Desk()
    assert case.play("II") == [None, "opened"]


def test_a_decision_needs_no_ledger() -> None:
    """An empty ledger is nothing told."""
    desk = Desk()
    for number in range(2):
        desk.step(number, [verdict("B", number)])
    hearing = Hearing(desk.last().held, receivers=("team",))
    decision = decide(desk.last(), hearing, "team", Ledger(), Moment(window(1).end), SendPolicy())
    assert (decision.kind, decision.ledger.told) == ("opened", "open")
    resolved = replace(desk.last(), state="resolved")
    nothing = decide(resolved, replace(hearing, audible=()), "team", Ledger(), Moment(window(1).end), SendPolicy())
    assert (nothing.kind, nothing.withheld) == (None, "over")
