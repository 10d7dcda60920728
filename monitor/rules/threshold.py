"""Thresholds: a check breaches when its interval, at the level that the budget allows, is beyond the limit."""

from __future__ import annotations

from dataclasses import replace
from math import hypot

from monitor.domain.evidence import Evidence
from monitor.domain.verdict import Judged, Verdict
from monitor.metrics.estimate import Estimate
from monitor.rules.budget import Levels
from monitor.rules.check import Check
from monitor.rules.limit import Limit
from monitor.rules.rule import CLEAR, Rule, metric_named
from monitor.rules.select import labels_of
from monitor.rules.situation import Situation

AMOUNTS = frozenset({"row_count", "throughput"})  # few rows are what they measure


def judge_check(situation: Situation, check: Check, checks: int, levels: Levels) -> list[Verdict]:
    """Return what each rule of a check says.

    Parameters
    ----------
    checks : int
        How many checks the window has in all: they share half of the budget.
    """
    return [_verdict(situation, check, rule, levels.interval(checks, rule.needed, rule.of)) for rule in check.rules]


def _verdict(situation: Situation, check: Check, rule: Rule, level: float) -> Verdict:
    labels = labels_of(check.place)
    evidence = Evidence(rule.metric, check.place.column, check.value, n=check.n, season=check.season, note=check.note)
    few = check.n < rule.min_rows and rule.metric not in AMOUNTS
    reason = check.silent or ("too_few_rows" if few else None)
    if reason:
        return situation.verdict(rule, labels, "none", evidence, reason=reason, late=check.late)
    if check.before is not None and rule.change is not None:
        state, evidence = _changed(rule, check, check.before, level, evidence)
    else:
        state, evidence = _limited(rule, check, level, evidence)
    return situation.verdict(rule, labels, state, evidence, late=check.late)


def _limited(rule: Rule, check: Check, level: float, evidence: Evidence) -> tuple[Judged, Evidence]:
    """Judge the value: its whole interval beyond the limit breaches."""
    metric = metric_named(rule.metric)
    ideal = metric.ideal if metric is not None else None
    estimate = check.at(level)
    above = rule.change.amount if rule.change is not None else rule.above  # of what is a change already
    limits = [Limit.above(above, rule.clear, ideal)] if above is not None else []
    limits += [Limit.below(rule.below, rule.clear, ideal)] if rule.below is not None else []
    worst, limit = max(((limit.state(estimate), limit) for limit in limits), key=lambda pair: _GRAVITY[pair[0]])
    return worst, replace(evidence, limit=limit.fire, effect=estimate.value, level=level)


def _changed(rule: Rule, check: Check, before: Estimate, level: float, evidence: Evidence) -> tuple[Judged, Evidence]:
    """Judge the change: it breaches beyond the limit when the interval of the difference excludes none.

    The interval takes in what the reference's own windows move by, beyond chance.
    """
    change = rule.change
    if change is None or before.value is None or check.value is None:
        return "none", evidence
    amount = change.amount * (abs(before.value) if change.relative else 1.0)
    harm, direction = _harm(rule, check.value, before.value)
    one_sided = level if direction else level / 2
    reach = check.spread.reach(min(1.0, 2 * one_sided)) if check.spread else 0.0
    delta = _wider(check.at(one_sided), reach)
    sure = _excludes_zero(delta, direction)
    clear = CLEAR * amount if rule.clear is None else min(rule.clear, amount)
    state: Judged = "breach" if harm > amount and sure else "ok" if harm <= clear else "mid"
    limit = before.value + (direction or (1 if check.value > before.value else -1)) * amount
    return state, replace(
        evidence,
        limit=limit,
        effect=delta.value,
        level=level,
        reference_low=before.low,
        reference_high=before.high,
        n_reference=before.n,
        note=f"{before.value:.4g} in the reference" + (f", whose windows move by {reach:.2g}" if reach else ""),
    )


def _harm(rule: Rule, now: float, before: float) -> tuple[float, int]:
    """Return how far a value has moved in the bad direction, and which way that is; 0 for either way."""
    metric = metric_named(rule.metric)
    worse = "neither" if rule.moved_by is not None or metric is None else metric.worse
    if worse == "higher":
        return now - before, 1
    if worse == "lower":
        return before - now, -1
    if worse == "farther" and metric is not None and metric.ideal is not None:
        return abs(now - metric.ideal) - abs(before - metric.ideal), 1 if now > before else -1
    return abs(now - before), 0


def _wider(delta: Estimate, reach: float) -> Estimate:
    """Return a difference whose bounds lie farther by what ordinary life adds to chance; variances add."""
    if not reach or delta.value is None or delta.low is None or delta.high is None:
        return delta
    low, high = hypot(delta.value - delta.low, reach), hypot(delta.high - delta.value, reach)
    return replace(delta, low=delta.value - low, high=delta.value + high)


def _excludes_zero(delta: Estimate, direction: int) -> bool:
    if delta.low is None or delta.high is None:
        return True
    return (delta.low > 0 and direction >= 0) or (delta.high < 0 and direction <= 0)


_GRAVITY: dict[Judged, int] = {"none": 0, "ok": 1, "mid": 2, "breach": 3}
