"""Which rules wake people for nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.alerts.assemble import assemble
from monitor.alerts.entry import Entry
from monitor.alerts.incident import Incident
from monitor.cli import main
from monitor.config import load
from monitor.service.alarms.noisy import episodes, noisy
from monitor.service.oncall.incidents import acknowledge
from monitor.service.opening import opened
from monitor.store import incidents
from tests.alerts.conftest import folded
from tests.service.conftest import DAY, HOUR, World, rows_of, truth_of
from tests.service.test_alarm import END, log

AT = datetime(2024, 1, 1, tzinfo=UTC)


def over(world: World) -> None:
    """Let a column move and come back, so that its incident opens and is over by itself."""
    log(world)
    world.done(END)
    back = rows_of(4, first=END, per_hour=6)
    world.predict(back)
    world.label(truth_of(back))


def found(world: World) -> list[Any]:
    config = load(world.folder / "monitor.yaml")
    with opened(config) as store:
        return [one.record() for one in noisy(store, config.models, {})]


def test_what_nobody_heeded_comes_first(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A rule whose incident was over before anybody did anything is told of, with how long that took."""
    over(world)
    world.done(END + 4 * DAY)
    rules = found(world)
    assert {one["unheeded"] for one in rules} == {1}
    assert {one["rule"] for one in rules} >= {"drift_effect above 0.05"}
    assert all(one["incidents"] == 1 and one["heeded"] == 0 and one["median_hours_unheeded"] > 24 for one in rules)
    assert rules[0]["per_30_days"] == pytest.approx(30 / 26)
    assert main(["backtest", "--noisy", "--json", "-c", str(world.folder / "monitor.yaml")]) == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == rules


def test_what_somebody_took_on_is_no_noise(world: World) -> None:
    """An incident that was acknowledged counts as heeded, though it is over by itself later."""
    over(world)
    config = load(world.folder / "monitor.yaml")
    [open_one] = world.read(incidents.every)
    with opened(config, writing=True) as store:
        acknowledge(config, store, open_one.id, actor="ann")
    world.done(END + 4 * DAY)
    assert {(one["heeded"], one["unheeded"]) for one in found(world)} == {(1, 0)}


def test_an_incident_that_opens_again_counts_again() -> None:
    """Each opening is an episode of its own, with the rules that fired when it began."""
    member = folded("BBB", labels={"metric": "psi", "column": "a"}, model="m")
    name = member.fingerprint
    entries = [
        Entry(AT, "opened"),
        Entry(AT, "joined", fingerprint=name),
        Entry(AT + HOUR, "resolved"),
        Entry(AT + 2 * HOUR, "reopened"),
        Entry(AT + 3 * HOUR, "acknowledged", actor="ann"),
    ]
    incident = assemble(None, [member], AT, cooldown=HOUR).incident
    assert isinstance(incident, Incident)
    first, second = episodes(incident, entries)
    assert (first.rules, first.ended_at, first.heeded) == (frozenset({member.rule}), AT + HOUR, False)
    assert (second.rules, second.ended_at, second.heeded) == (frozenset(), None, True)
