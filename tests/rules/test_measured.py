"""Rules on stored numbers judge by intervals, at the level that the budget allows."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.config.rule import Change, RuleConfig
from monitor.domain.measurement import Measurement
from monitor.metrics.estimate import Estimate
from monitor.metrics.intervals import wilson
from monitor.rules.defaults import rules_of
from monitor.rules.interval import at_level
from monitor.rules.judge import judge
from monitor.rules.measured import Before
from monitor.rules.select import Attributes
from monitor.rules.situation import Situation

GROUPS = Attributes(groups=(("g",),), segments=("s",))


def number(here, metric, estimate, **more):
    """Return a measurement of the first window."""
    window = here.hours(0)[0]
    given = {"value": estimate.value, "n": estimate.n, "low": estimate.low, "high": estimate.high} | more
    return Measurement("m", window.start, window.end, metric, **given)


def verdicts(here, rules, numbers, before=(), situation=None):
    """Judge some numbers of a window."""
    chosen = rules_of(rules, "binary", "f1")
    situation = situation or Situation("m", here.hours(0)[0])
    return judge(situation, chosen, here.levels, measurements=numbers, before=Before.of(before), known=GROUPS)


@pytest.mark.parametrize(
    ("now", "before", "state"),
    [
        pytest.param((60, 100), (8000, 10_000), "breach", id="a great fall in enough rows"),
        pytest.param((21, 30), (8000, 10_000), "mid", id="a fall that chance may have brought"),
        pytest.param((7900, 10_000), (8000, 10_000), "ok", id="less than the limit"),
        pytest.param((7600, 10_000), (8000, 10_000), "breach", id="just over the limit, surely no chance"),
        pytest.param((90, 100), (8000, 10_000), "ok", id="better"),
    ],
)
def test_worse_by(here, now, before, state):
    """A fall breaches beyond the limit when the interval of the difference excludes none."""
    rules = [RuleConfig(metric="accuracy", worse_by=Change(0.03))]
    (verdict,) = verdicts(
        here, rules, [number(here, "accuracy", wilson(*now))], [("accuracy", None, None, wilson(*before))]
    )
    assert verdict.state == state
    assert verdict.evidence.limit == pytest.approx(0.77)


def test_worse_follows_the_metrics_direction(here):
    """An error that grows is worse, one that falls is not; a share of the reference may be the limit."""
    rules = [RuleConfig(metric="mean_absolute_error", worse_by=Change(0.1, relative=True))]
    before = [("mean_absolute_error", None, None, Estimate(10.0, n=5000, low=9.9, high=10.1))]
    for value, state in ((11.5, "breach"), (10.9, "mid"), (8.0, "ok")):
        now = number(here, "mean_absolute_error", Estimate(value, n=500, low=value - 0.2, high=value + 0.2))
        assert verdicts(here, rules, [now], before)[0].state == state


@pytest.mark.parametrize(("value", "state"), [(0.5, "breach"), (0.1, "breach"), (0.31, "ok")])
def test_moved_by_looks_both_ways(here, value, state):
    """A rate that moved breaches, whichever way it went."""
    rules = [RuleConfig(metric="selection_rate", moved_by=Change(0.1))]
    now = number(here, "selection_rate", wilson(round(2000 * value), 2000))
    assert verdicts(here, rules, [now], [("selection_rate", None, None, wilson(3000, 10_000))])[0].state == state


@pytest.mark.parametrize(
    ("limits", "counts", "state"),
    [
        ({"below": 0.75}, (600, 1000), "breach"),
        ({"below": 0.75}, (36, 50), "mid"),
        ({"below": 0.75}, (780, 1000), "mid"),
        ({"below": 0.75}, (900, 1000), "ok"),
        ({"above": 0.99}, (1000, 1000), "breach"),
        ({"below": 0.5, "above": 0.9}, (990, 1000), "breach"),
        ({"below": 0.5, "above": 0.9}, (30, 1000), "breach"),
    ],
)
def test_a_limit_needs_the_whole_interval(here, limits, counts, state):
    """A value beyond its limit breaches when all of its interval is, and is healthy past the clear limit."""
    rules = [RuleConfig(metric="accuracy", **limits)]
    assert verdicts(here, rules, [number(here, "accuracy", wilson(*counts))])[0].state == state


def test_without_an_interval_the_value_counts(here):
    """A metric that has no interval is judged by its value, and counts of rows by any number of them."""
    rules = [RuleConfig(metric="row_count", below=100), RuleConfig(metric="latency_p95", above=50)]
    numbers = [number(here, "row_count", Estimate(3, n=3)), number(here, "latency_p95", Estimate(51.0, n=80))]
    assert [v.state for v in verdicts(here, rules, numbers)] == ["breach", "breach"]


def test_more_checks_are_judged_more_strictly(here):
    """The level falls with the number of checks, so a value that one check reports may be chance among many."""
    rules = [RuleConfig(metric="recall", groups="*", above=0.5)]
    one = [number(here, "recall", wilson(118, 200), group={"g": "0"})]
    many = [number(here, "recall", wilson(118, 200), group={"g": str(i)}) for i in range(300)]
    assert verdicts(here, rules, one)[0].state == "breach"
    assert verdicts(here, rules, many)[0].state == "mid"
    assert verdicts(here, rules, many)[0].evidence.level < verdicts(here, rules, one)[0].evidence.level


@pytest.mark.parametrize(
    ("more", "situation", "reason"),
    [
        ({"provisional": True}, {}, "provisional"),
        ({"in_reference": True}, {}, "in_reference"),
        ({"n": 29}, {}, "too_few_rows"),
        ({"value": None, "reason": "learning"}, {}, "learning"),
        ({"value": None, "n": 0, "reason": "no rows"}, {}, "no_rows"),
        ({"value": None, "reason": "the metric failed: KeyError"}, {}, "error"),
        ({"value": None, "reason": "no positive targets"}, {}, "undefined"),
        ({}, {"reference_mature": False}, "reference_immature"),
        ({}, {"silent": "excluded"}, "excluded"),
    ],
)
def test_why_nothing_is_said(here, more, situation, reason):
    """Where a number cannot be judged the verdict is none, with the reason."""
    rules = [RuleConfig(metric="recall", worse_by=Change(0.05))]
    where = Situation("m", here.hours(0)[0], **situation)
    now = number(here, "recall", wilson(50, 100), **more)
    (verdict,) = verdicts(here, rules, [now], [("recall", None, None, wilson(900, 1000))], where)
    assert (verdict.state, verdict.reason) == ("none", reason)


def test_provisional_numbers_may_be_judged(here):
    """A model that asks for it is alarmed by ground truth that is not all there."""
    rules = [RuleConfig(metric="recall", below=0.75)]
    where = Situation("m", here.hours(0)[0], judge_provisional=True)
    assert (
        verdicts(here, rules, [number(here, "recall", wilson(50, 100), provisional=True)], (), where)[0].state
        == "breach"
    )


def test_without_a_reference_value_nothing_is_said(here):
    """A group that the reference did not have has nothing to be worse than."""
    rules = [RuleConfig(metric="recall", groups="*", worse_by=Change(0.05))]
    (verdict,) = verdicts(here, rules, [number(here, "recall", wilson(5, 100), group={"g": "new"})])
    assert (verdict.state, verdict.reason) == ("none", "no_reference")


def test_a_gap_between_extremes(here):
    """A gap breaches when the lower bound that holds for all pairs does, at the level of the budget."""
    rules = [RuleConfig(metric="demographic_parity_difference", column="g", above=0.1)]
    groups = [number(here, "selection_rate", wilson(50, 100), group={"g": str(i)}) for i in range(5)]
    for low, state in ((0.28, "breach"), (0.105, "mid")):
        gap = number(here, "demographic_parity_difference", Estimate(0.3, n=500, low=low, high=0.5), column="g")
        assert verdicts(here, rules, [gap, *groups])[0].state == state


@pytest.mark.parametrize("k", [0, 1, 40, 99, 100])
@pytest.mark.parametrize("level", [0.025, 0.005, 0.0001, 0.2])
def test_shares_are_wilsons_at_every_level(k, level):
    """From the published interval of a share follows Wilson's own at another level, on either side."""
    found, direct = at_level(wilson(k, 100), level, (0.0, 1.0)), wilson(k, 100, level=1 - 2 * level)
    assert (found.low, found.high) == pytest.approx((direct.low, direct.high), abs=1e-9)


def test_levels_hold():
    """Simulated shares lie beyond their bound about as often as the level says."""
    rng = np.random.default_rng(3)
    seen = rng.binomial(400, 0.3, 20_000)
    low = {k: at_level(wilson(int(k), 400), 0.005, (0.0, 1.0)).low for k in np.unique(seen)}
    assert np.mean([low[k] > 0.3 for k in seen]) == pytest.approx(0.005, abs=0.002)


@pytest.mark.parametrize("limits", [(0.0, None), (None, None), (-1.0, 1.0)])
def test_other_intervals_grow_with_the_level(limits):
    """Stricter levels give wider intervals that stay within the metric's range."""
    estimate = Estimate(0.5, n=100, low=0.3, high=0.8)
    wide, wider = (at_level(estimate, level, limits) for level in (0.01, 1e-6))
    assert wider.low < wide.low < 0.3
    assert wide.high <= wider.high
    assert wider.low >= (limits[0] if limits[0] is not None else -np.inf)


@pytest.mark.parametrize(("days", "state"), [((0.1, 0.5, 0.2, 0.4, 0.3, 0.3) * 3, "mid"), ((0.3,) * 18, "breach")])
def test_a_change_must_exceed_ordinary_life(here, days, state):
    """What a restless reference does every other day is no alarm; the same in a steady one is."""
    rules = [RuleConfig(metric="selection_rate", moved_by=Change(0.1))]
    place = ("selection_rate", None, None)
    windows = [[(*place, wilson(round(2000 * value), 2000))] for value in days]
    before = Before.of([(*place, wilson(10_800, 36_000))], windows)
    now = number(here, "selection_rate", wilson(1000, 2000))
    chosen, situation = rules_of(rules, "binary", "f1"), Situation("m", here.hours(0)[0])
    (verdict,) = judge(situation, chosen, here.levels, measurements=[now], before=before, known=GROUPS)
    assert verdict.state == state
    assert ("move by" in (verdict.evidence.note or "")) is (state == "mid")
