"""Laws of what receivers hear, whatever fires and whatever people do; and that they catch deciders that break them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.alerts.acknowledge import acknowledge, resolve, unacknowledge
from monitor.alerts.hearing import Wishes
from monitor.alerts.incident import Incident
from monitor.alerts.ledger import Ledger
from monitor.alerts.matcher import parse
from monitor.alerts.send_decision import Decision, decide
from monitor.alerts.silence import expire, silence
from monitor.config.mute_time import MuteTimeConfig
from monitor.config.route import RouteConfig
from tests.alerts.conftest import HOUR, Desk, verdict, window

Decide = Callable[..., Decision]

ROUTES = [
    RouteConfig.model_validate(keys)
    for keys in (
        {"match": {"severity": "critical"}, "receivers": ["oncall"], "escalate": {"after": "3h", "to": ["lead"]}},
        {"match": {"kind": "no_data"}, "receivers": ["data"], "continue": True},
        {"receivers": ["team"]},
    )
]
RECEIVERS = ("oncall", "lead", "data", "team")
THINGS: tuple[dict[str, Any], ...] = (
    {"rule": "a"},
    {"rule": "b", "labels": {"metric": "accuracy"}, "needed": 1, "of": 1, "clear_for": 1},
    {"rule": "c", "labels": {"metric": "no_rows"}},
)
MUTE = MuteTimeConfig.model_validate({"hours": "07:00-10:00"})
LENGTH = 30

LAWFUL = settings(max_examples=100, deadline=None, derandomize=True)
seeds = st.integers(0, 2**32 - 1)


def interfere(desk: Desk, chance: Random, at: datetime) -> None:
    """Let people silence, acknowledge, free and resolve at random."""
    kind = chance.choice(["silence", "end", "ack", "free", "resolve", *["nothing"] * 6])
    if kind == "silence":
        matcher = parse(chance.choice(["model=m", "rule=a", "severity=critical", "kind=no_data"]))
        ends_at = at + chance.randint(1, 8) * HOUR
        made = silence("s", [matcher], starts_at=at, ends_at=ends_at, author="a", reason="r", at=at)
        desk.wishes = replace(desk.wishes, silences=[*desk.wishes.silences, made])
    elif kind == "end":
        desk.wishes = replace(desk.wishes, silences=[expire(known, at) for known in desk.wishes.silences])
    opened = [found[-1] for found in desk.incidents.values() if found and found[-1].open]
    if not opened:
        return
    incident = chance.choice(opened)
    if kind == "ack":
        length = chance.choice([HOUR / 2, 5 * HOUR])
        desk.keep(acknowledge(incident, actor="ann", at=at, expires_at=at + length))
    elif kind == "free":
        desk.keep(unacknowledge(incident, actor="ann", at=at))
    elif kind == "resolve":
        desk.keep(resolve(incident, actor="ann", at=at))


def heard(deciding: Decide, seed: int) -> list[str]:
    """Play a random story to its quiet end; return the laws that it broke."""
    chance = Random(seed)
    desk = Desk(routes=ROUTES, receivers=RECEIVERS, decide=deciding, cooldown=chance.choice([0, 4, 24]) * HOUR)
    desk.wishes = Wishes(mute_times=[MUTE] if chance.random() < 0.5 else [])
    letters = chance.choice(["ooBBCm-", "oB", "ooooBBB", "BC-"])
    broken: list[str] = []
    stories: dict[tuple[str, str], list[str]] = {}
    for number in range(LENGTH + 25):
        busy, at = number < LENGTH, window(number).end
        looks = [verdict(chance.choice(letters) if busy else "o", number, **thing) for thing in THINGS]
        desk.step(number, [look for look in looks if not busy or chance.random() < 0.9])
        if busy:
            interfere(desk, chance, at)
        states = {i.dedup_key: i for found in desk.incidents.values() for i in found}
        muted = bool(desk.wishes.mute_times) and 7 <= at.hour < 10
        told = desk.send(at, final=not busy or chance.random() < 0.9)
        for incident, receiver, decision in told:
            if decision.kind is not None:
                story = stories.setdefault((incident, receiver), [])
                broken += offences(states[incident], story, decision, muted)
                story.append(decision.kind)
                if decision.ledger.seq != len(story):
                    broken.append("notices are not counted")
        if len({(incident, receiver) for incident, receiver, d in told if d.kind}) != sum(
            1 for *_, d in told if d.kind
        ):
            broken.append("more than one notice of an incident at a receiver in one run")
    broken += ["left open at the end" for ledger in desk.ledgers.values() if ledger.told == "open"]
    return broken


def offences(incident: Incident, story: list[str], decision: Decision, muted: bool) -> list[str]:
    """Return which laws a notice breaks, after those that the receiver has had."""
    kind = decision.kind
    is_open = bool(story) and story[-1] != "resolved"
    checks = {
        "resolved what was not open there": kind == "resolved" and not is_open,
        "resolved while it was open": kind == "resolved" and incident.open,
        "told something of a resolved incident": kind != "resolved" and not incident.open,
        "began otherwise than by opening": not story and kind not in ("opened", "escalated"),
        "opened twice": kind == "opened" and bool(story),
        "went on after a resolve without coming back": bool(story)
        and not is_open
        and kind not in ("reopened", "flapping", "escalated"),
        "reopened what was open": kind == "reopened" and is_open,
        "told in a mute time": muted,
        "bothered who looks after it": incident.state == "acknowledged"
        and kind in ("repeated", "escalated", "ack_expired"),
    }
    return [law for law, is_broken in checks.items() if is_broken]


@LAWFUL
@given(seeds)
def test_receivers_hear_a_story_that_makes_sense(seed: int) -> None:
    """Opened first, resolved only what is open, one notice a run, quiet in mute times, closed at the end."""
    assert heard(decide, seed) == []


def test_a_silence_over_everything_lets_only_resolves_through() -> None:
    """Whatever fires, in a silence of the whole model nothing but the end of what was told comes through."""
    for seed in range(20):
        chance = Random(seed)
        desk = Desk(routes=ROUTES, receivers=RECEIVERS)
        for number in range(LENGTH):
            if number == 10:
                begin, end = window(number).start, window(LENGTH).end
                made = silence("s", [parse("model=m")], starts_at=begin, ends_at=end, author="a", reason="r", at=begin)
                desk.wishes = Wishes(silences=[made])
            desk.step(number, [verdict(chance.choice("oBC"), number, **thing) for thing in THINGS])
            told = {d.kind for *_, d in desk.send(window(number).end) if d.kind}
            assert number < 10 or told <= {"resolved"}


def resolves_untold(*given: Any, **more: Any) -> Decision:
    """Decide, wrongly, to tell a resolve to who was told nothing."""
    incident, _, _, ledger, *_ = given
    if not incident.open and ledger.told == "nothing" and ledger.seq == 0:
        return Decision("resolved", replace(ledger, told="resolved", seq=1))
    return decide(*given, **more)


def forgetful(*given: Any, **more: Any) -> Decision:
    """Decide, wrongly, with a ledger that forgets."""
    incident, hearing, receiver, ledger, *rest = given
    return decide(incident, hearing, receiver, replace(Ledger(), seq=ledger.seq), *rest, **more)


def deaf_to_mute_times(*given: Any, **more: Any) -> Decision:
    """Decide, wrongly, whatever the hour."""
    incident, hearing, *rest = given
    return decide(incident, replace(hearing, muted=False), *rest, **more)


def drops_resolves(*given: Any, **more: Any) -> Decision:
    """Decide, wrongly, never to tell of a resolve again when its run was not the last one caught up."""
    incident, _, _, ledger, *_ = given
    if not incident.open:
        return Decision(None, ledger)
    return decide(*given, **more)


def repeats_to_who_looks(*given: Any, **more: Any) -> Decision:
    """Decide, wrongly, as if nobody had acknowledged."""
    incident, *rest = given
    state = "open" if incident.open else incident.state
    return decide(replace(incident, state=state), *rest, **more)


TWINS = {
    twin.__name__: twin
    for twin in (resolves_untold, forgetful, deaf_to_mute_times, drops_resolves, repeats_to_who_looks)
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_the_laws_catch_a_planted_bug(twin: Decide) -> None:
    """A decider with a known bug tells a story that makes no sense."""
    seed = next((seed for seed in range(200) if heard(twin, seed)), None)
    assert seed is not None, "the laws do not notice"
    assert heard(decide, seed) == []


def test_a_warning_that_stays_is_told_daily() -> None:
    """A warning that stays for weeks is told once a day, not once a window."""
    desk = Desk()
    desk.play("B" * 24 * 14)
    assert timedelta(hours=len(desk.notices) * 24) <= timedelta(days=15)
