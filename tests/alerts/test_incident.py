"""Incidents open, grow, are looked after, resolve and come back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.alerts.acknowledge import (
    DEFAULT_ACK,
    StaleVersionError,
    acknowledge,
    expired,
    resolve,
    silenced,
    unacknowledge,
)
from monitor.alerts.assemble import assemble
from monitor.alerts.fold import blank, fold
from monitor.alerts.incident import Incident
from monitor.alerts.step import close
from monitor.errors import UsageError
from tests.alerts.conftest import HOUR, START, Desk, verdict, verdicts, window

NOON = START + 12 * HOUR


def opened(letters: str = "BB") -> Desk:
    """Return a desk after those windows."""
    desk = Desk()
    desk.play(letters)
    return desk


def test_it_opens_with_its_first_instance() -> None:
    """Nothing is opened by pending; the incident knows when it began and when that was confirmed."""
    assert opened("oB").incidents["m"] == []
    incident = opened("oBB").last()
    assert (incident.state, incident.severity, incident.version) == ("open", "warning", 2)
    assert (incident.started_at, incident.opened_at) == (window(1).start, window(2).end)
    assert incident.columns == ("x",)


def test_all_instances_of_a_model_are_one_incident_and_missing_data_another() -> None:
    """What drifts joins the model's incident; the no-data family has its own."""
    desk = Desk()
    for number in range(3):
        others = [verdict("B", number, labels={"metric": "psi", "column": c}) for c in "yz"] if number else []
        nothing = verdict("B", number, labels={"metric": "no_rows"}, rule="no_data")
        desk.step(number, [verdict("B", number), *others, nothing])
    assert sorted(desk.incidents) == ["m", "m/no_data"]
    assert sorted(desk.last().columns) == ["x", "y", "z"]
    assert len(desk.last("m/no_data").members) == 1


def test_the_same_call_twice_changes_nothing() -> None:
    """Assembling again what was assembled adds no entry and no version."""
    desk = opened()
    instances = list(desk.instances.values())
    again = assemble(desk.last(), instances, NOON, cooldown=24 * HOUR)
    assert (again.incident, again.entries) == (desk.last(), ())


def test_what_is_left_out_stays() -> None:
    """An instance that was not stepped remains the member that it was."""
    desk = opened()
    assert assemble(desk.last(), [], NOON, cooldown=24 * HOUR).incident == desk.last()


def test_it_resolves_with_its_last_member() -> None:
    """Members leave one by one; the incident resolves with the last, and not while that recovers."""
    desk = Desk()
    for number, (x, y) in enumerate(["BB", "BB", "oB", "oB", "oo"]):
        desk.step(number, [verdict(x, number), verdict(y, number, labels={"metric": "psi", "column": "y"})])
    assert desk.last().state == "open"
    assert [member.labels["column"] for member in desk.last().held] == ["y"]
    desk.step(5, [verdict("o", 5, labels={"metric": "psi", "column": "y"})])
    assert (desk.last().state, desk.last().reason) == ("resolved", "recovered")


def test_its_severity_is_the_gravest_of_its_members() -> None:
    """It rises with a graver member and falls when that leaves."""
    desk = opened("BB")
    grave = {"rule": "s", "needed": 1, "of": 1, "clear_for": 1}
    desk.step(2, [verdict("C", 2, **grave)])
    assert desk.last().severity == "critical"
    desk.step(3, [verdict("o", 3, **grave)])
    assert (desk.last().severity, desk.last().state) == ("warning", "open")


def test_a_firing_within_the_cooldown_reopens_it() -> None:
    """The same incident with the same key comes back; later it would be another."""
    desk = opened("BBoo")
    first = desk.last()
    desk.play("BB", 4)
    assert len(desk.incidents["m"]) == 1
    assert (desk.last().dedup_key, desk.last().reopen_count, desk.last().state) == (first.dedup_key, 1, "open")
    later = opened("BBoo")
    later.play("BB", 40)
    assert len(later.incidents["m"]) == 2
    assert (later.last().serial, later.last().reopen_count) == (2, 0)
    assert later.last().dedup_key != first.dedup_key


def test_a_flapping_member_holds_it_open_until_it_settles() -> None:
    """While an instance flaps its incident neither resolves nor reopens."""
    desk = opened("BBooBBoo")
    assert desk.last().state == "open"
    desk.play("ooooo", 8)
    assert desk.last().state == "resolved"


def test_reasons_from_outside_are_told() -> None:
    """An incident resolves for the reason for which its members left."""
    desk = opened()
    name = next(iter(desk.instances))
    desk.instances[name], _ = close(desk.instances[name], "rule_deleted")
    desk.assemble(NOON)
    assert desk.last().reason == "rule_deleted"


def test_what_a_revision_clears_is_revised() -> None:
    """When late labels take a breach back, the incident resolves as revised."""
    desk = opened()
    found = [*verdicts("BB"), verdict("o", 1, revision=1)]
    anew = fold(blank(found[0]), found).instance
    desk.instances[anew.fingerprint] = anew
    desk.assemble(NOON, "revised")
    assert (desk.last().state, desk.last().reason) == ("resolved", "revised")


def incident_of(letters: str = "BB") -> Incident:
    """Return the incident after those windows."""
    return opened(letters).last()


def test_an_acknowledgement_ends() -> None:
    """It lasts a day when not said, is gone at its end, and the incident is open again, counted from then."""
    taken = acknowledge(incident_of(), actor="ann", at=NOON, note="on it").incident
    assert taken is not None
    assert taken.state == "acknowledged"
    assert taken.acknowledgement is not None
    assert taken.acknowledgement.expires_at == NOON + DEFAULT_ACK
    assert expired(taken, NOON + DEFAULT_ACK - HOUR).entries == ()
    over = expired(taken, NOON + DEFAULT_ACK + HOUR).incident
    assert over is not None
    assert (over.state, over.ack_expirations, over.unacked_since) == ("open", 1, NOON + DEFAULT_ACK)
    assert over.version == taken.version + 1


def test_people_need_not_ask_twice() -> None:
    """Acknowledging, freeing and resolving a second time change nothing; extending does."""
    incident = incident_of()
    taken = acknowledge(incident, actor="ann", at=NOON).incident
    assert taken is not None
    assert acknowledge(taken, actor="ann", at=NOON + HOUR).incident == taken
    noted = acknowledge(taken, actor="ann", at=NOON, note="on it", expires_at=NOON + 2 * HOUR).incident
    assert noted is not None
    for note, seconds in (("on it", 9), (None, 9), (None, -1)):
        again = NOON + timedelta(seconds=seconds)
        said = acknowledge(noted, actor="ann", at=again, note=note, expires_at=again + 2 * HOUR)
        assert (said.incident, said.entries) == (noted, ()), (note, seconds)
    assert acknowledge(noted, actor="ann", at=NOON + HOUR).incident == noted
    longer = acknowledge(noted, actor="ann", at=NOON + HOUR, expires_at=NOON + 3 * HOUR)
    assert [(entry.kind, entry.note) for entry in longer.entries] == [("acknowledged", "on it")]
    assert acknowledge(noted, actor="ann", at=NOON + HOUR, note="found it").entries
    later = acknowledge(taken, actor="ann", at=NOON, expires_at=NOON + 48 * HOUR)
    assert [entry.kind for entry in later.entries] == ["acknowledged"]
    freed = unacknowledge(taken, actor="bob", at=NOON + HOUR).incident
    assert freed is not None
    assert (freed.state, freed.unacked_since) == ("open", NOON + HOUR)
    assert unacknowledge(freed, actor="bob", at=NOON).entries == ()
    closed = resolve(freed, actor="bob", at=NOON).incident
    assert closed is not None
    assert (closed.state, closed.resolved_by, closed.reason) == ("resolved", "bob", "manual")
    assert resolve(closed, actor="bob", at=NOON).entries == ()


@pytest.mark.parametrize("action", [acknowledge, unacknowledge, resolve])
def test_a_stale_version_is_refused(action: object) -> None:
    """Who saw an older version gets the present one instead."""
    incident = incident_of()
    with pytest.raises(StaleVersionError) as refused:
        action(incident, actor="ann", at=NOON, version=incident.version - 1)  # type: ignore[operator]
    assert refused.value.incident == incident
    assert "hint" in str(refused.value)
    assert action(incident, actor="ann", at=NOON, version=incident.version)  # type: ignore[operator]


@pytest.mark.parametrize("length", [timedelta(0), -HOUR, timedelta(days=7, seconds=1)])
def test_an_acknowledgement_has_limits(length: timedelta) -> None:
    """One that is over at once, or lasts more than a week, is refused; so is one of what is resolved."""
    with pytest.raises(UsageError):
        acknowledge(incident_of(), actor="ann", at=NOON, expires_at=NOON + length)
    with pytest.raises(UsageError):
        acknowledge(incident_of("BBoo"), actor="ann", at=NOON)


def test_a_rise_breaks_an_acknowledgement_and_a_newcomer_does_not() -> None:
    """Whoever looks after a warning has not seen the critical one."""
    desk = opened()
    desk.keep(acknowledge(desk.last(), actor="ann", at=window(2).start))
    desk.step(2, [verdict("B", 2, rule="s", needed=1, of=1)])
    assert desk.last().state == "acknowledged"
    desk.step(3, [verdict("C", 3, rule="t", needed=1, of=1)])
    assert (desk.last().state, desk.last().unacked_since) == ("open", window(3).end)


def test_resolved_by_hand_and_still_breaching_reopens_the_same() -> None:
    """The next breach reopens it, no data and ok windows do not; the fold never hears of the hand."""
    desk = opened()
    desk.keep(resolve(desk.last(), actor="ann", at=window(1).end))
    desk.play("-m", 2)
    assert desk.last().state == "resolved"
    desk.play("B", 40)
    assert (desk.last().state, desk.last().reopen_count, len(desk.incidents["m"])) == ("open", 1, 1)
    assert next(iter(desk.instances.values())).fired == window(1)


def test_resolved_by_hand_and_recovered_stays_resolved() -> None:
    """When the fault is gone indeed, nothing is opened."""
    desk = opened()
    desk.keep(resolve(desk.last(), actor="ann", at=window(1).end))
    assert desk.play("ooo", 2) == ["resolved", None, None]
    assert desk.last().reason == "manual"


def test_the_timeline_tells_what_happened() -> None:
    """Every change is an entry, and the version counts them."""
    desk = Desk()
    kinds = []
    for number, letters in enumerate(["BC", "BC", "oo", "oo"]):
        looks = [verdict(letters[0], number), verdict(letters[1], number, rule="s", clear_for=1)]
        before = desk.incidents.get("m", [])
        desk.step(number, looks)
        last = before[-1] if before else None
        again = assemble(last, desk.instances.values(), window(number).end, cooldown=HOUR)
        kinds.append([entry.kind for entry in again.entries])
    assert kinds[0] == kinds[1] == []
    assert desk.last().version == len(["opened", "joined", "joined", "left", "severity_down", "left", "resolved"])


def test_a_silence_leaves_a_line() -> None:
    """Who silenced an incident, and why, stands in its timeline."""
    changed = silenced(incident_of(), actor="ann", at=NOON, reason="migration")
    assert [(entry.kind, entry.note) for entry in changed.entries] == [("silenced", "migration")]
