"""What if a limit were another one: the answer is that of judging everything anew, whatever was tried before."""

from __future__ import annotations

from math import inf, nan

import pytest

from monitor.config import RuleConfig
from monitor.errors import UsageError
from monitor.service.alarms.backtest import backtest
from monitor.service.oncall import incidents
from monitor.service.view import what_if as module
from monitor.service.view.what_if import WhatIf, adjustable, lay_out, what_if
from tests.service.conftest import DAY, START
from tests.service.view.conftest import Seen

RULE = "drift_effect above 0.2"


def tried(seen: Seen, limit: float, rule: str = RULE) -> WhatIf:
    return what_if(seen.backend, "m", rule, limit)


def test_the_limit_in_force_finds_the_incident_there_was(seen: Seen) -> None:
    """With its own limit the rule fires when it did, and the incident it was part of is named."""
    found = tried(seen, 0.2)
    [real] = incidents.listed(seen.config, seen.store, resolved=True)
    [one] = found.incidents
    assert (one.real, one.fired.since, one.fired.columns) == (real.id, real.incident.started_at, ("amount",))
    assert one.fired.since == START + 5 * DAY
    assert (found.windows, found.days) == (8, 8.0)
    assert (found.rule.limit, found.limit) == (0.2, 0.2)


def test_any_limit_is_what_judging_anew_gives(seen: Seen) -> None:
    """Tried one after another on a past that is kept, limits fire as the same rules do in a backtest of their own."""
    for limit in (0.2, 5.0, 0.05, 0.41, 0.2, 0.6):
        rule = RuleConfig.model_validate(
            {"metric": "drift_effect", "columns": "*", "above": limit, "severity": "critical"}
        )
        anew = backtest(seen.config, seen.store, seen.config.models[0], proposed=[rule])
        told = [(one.fired.since, one.fired.until, one.fired.columns) for one in tried(seen, limit).incidents]
        assert told == [(one.since, one.until, one.columns) for one in anew.incidents], limit


def test_a_limit_above_everything_measured_never_fires(seen: Seen) -> None:
    """Beyond the largest effect there was nothing fires."""
    largest = max(m.value for m in seen.measured(metric="drift_effect", version=None) if m.value is not None)
    assert tried(seen, largest * 1.5).incidents == ()


def test_a_past_is_laid_out_once(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was laid out before anybody asked serves every later try; there is none of a model nobody knows."""
    module._KEPT.clear()
    assert lay_out(seen.backend, "m")
    assert not lay_out(seen.backend, "nobody")
    monkeypatch.setattr(module, "bench", None)
    assert [one.real is not None for one in tried(seen, 0.1).incidents] == [True]


def test_every_rule_that_has_a_limit_can_be_tried(seen: Seen) -> None:
    """Those of a change too: half their limit fires no less often than twice."""
    for one in adjustable(seen.config.models[0]):
        half, twice = (len(tried(seen, one.limit * factor, one.rule).incidents) for factor in (0.5, 2.0))
        assert half >= twice or one.word == "below"


@pytest.mark.parametrize(
    ("model", "rule", "limit"),
    [("nobody", RULE, 0.1), ("m", "no such rule", 0.1), ("m", RULE, inf), ("m", RULE, nan)],
    ids=["no model", "no rule", "infinite", "no number"],
)
def test_what_makes_no_sense_is_refused(seen: Seen, model: str, rule: str, limit: float) -> None:
    """Names that are gone and limits that are none are faults of use."""
    with pytest.raises(UsageError):
        what_if(seen.backend, model, rule, limit)
