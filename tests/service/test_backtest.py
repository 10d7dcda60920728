"""Rules are tried over the stored history: what was planted is found, what is quiet stays quiet, nothing is stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from monitor.config import RuleConfig, load
from monitor.service.alarms.backtest import Backtest, backtest
from monitor.service.opening import opened
from tests.service.conftest import DAY, START, World, rows_of, truth_of

if TYPE_CHECKING:
    from collections.abc import Sequence

DAYS, MOVED = 24, 16


def tried(world: World, proposed: Sequence[RuleConfig] = ()) -> Backtest:
    config = load(world.folder / "monitor.yaml")
    with opened(config) as store:
        return backtest(config, store, config.models[0], proposed=proposed)


def history(world: World, shift: float) -> World:
    """Give a world that was run for 24 days, `amount` moved from the 16th on."""
    world.model["ground_truth_horizon"] = "1d"
    rows = rows_of(MOVED, per_hour=6)
    rows += rows_of(DAYS - MOVED, first=START + MOVED * DAY, per_hour=6, shift=shift)
    world.predict(rows)
    world.label(truth_of(rows))
    world.done(START + DAYS * DAY)
    return world


def test_a_shift_is_one_incident_that_began_with_it(world: World) -> None:
    """A column that moves for good is one incident, open since its first day, and no other column has a part in it."""
    found = tried(history(world, 60.0))
    assert [(one.columns, one.until) for one in found.incidents] == [(("amount",), None)]
    assert found.incidents[0].since == START + MOVED * DAY
    assert found.incidents[0].severity == "critical"
    assert found.windows == DAYS
    assert set(found.fires) == {"drift_effect above 0.05", "drift_effect above 0.2"}


def test_a_quiet_history_has_no_incident(world: World) -> None:
    """Where nothing was planted the default rules find nothing, and the rate is said."""
    found = tried(history(world, 0.0))
    assert (found.incidents, found.per_month) == ((), 0.0)


def test_a_proposed_rule_takes_the_place_of_the_model_s_own(world: World) -> None:
    """A rule that asks for too much finds nothing, one that asks for little says since when; nothing is stored."""
    history(world, 60.0)
    before = world.read(lambda conn: conn.exec_driver_sql("SELECT count(*) FROM verdicts").scalar())
    strict = RuleConfig.model_validate({"metric": "psi", "columns": "*", "above": 50})
    loose = RuleConfig.model_validate({"metric": "psi", "columns": "amount", "above": 0.2, "for": "1 of 1"})
    assert tried(world, [strict]).incidents == ()
    (one,) = tried(world, [loose]).incidents
    assert one.rules == ("psi of amount above 0.2",)
    assert one.since == START + MOVED * DAY
    assert world.read(lambda conn: conn.exec_driver_sql("SELECT count(*) FROM verdicts").scalar()) == before


def test_excluded_days_never_alarm(world: World) -> None:
    """Days inside ``exclude`` are judged by nobody."""
    end = START + DAYS * DAY
    world.model["exclude"] = [{"start": (START + MOVED * DAY).isoformat(), "end": end.isoformat()}]
    found = tried(history(world, 60.0))
    assert found.incidents == ()
    assert replace(found, fires={}).windows == DAYS


def test_an_empty_history_is_said_to_be_one(world: World) -> None:
    """Before the first row there is nothing to try rules on."""
    world.run(START + timedelta(days=1))
    assert tried(world) == Backtest(world.model["name"], 0, 0.0, (), {})
