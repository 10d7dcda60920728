"""Strength: how far one column goes beyond both the limit of size and ordinary life, and the evidence of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.domain.evidence import Evidence
from monitor.metrics.estimate import Estimate
from monitor.profile.histogram import Histogram
from monitor.rules.limit import Limit
from monitor.rules.null import Look
from monitor.rules.rule import Rule, metric_named
from monitor.rules.select import Place
from monitor.rules.sides import Sides

EFFECT = "drift_effect"


@dataclass(frozen=True, eq=False)
class Case:
    """One column of some sides, and the rules that judge it."""

    sides: Sides
    column: str
    place: Place
    rules: tuple[Rule, ...]


@dataclass(frozen=True, eq=False)
class Shown:
    """What a case shows: the look, the p-value corrected over all cases of its scale, how far ordinary life reaches."""

    case: Case
    look: Look
    p_corrected: float
    level: float
    reaches: tuple[float, ...]


def strength_of(rule: Rule, shown: Shown) -> tuple[float, float | None, int]:
    """Return how far the case goes beyond the limit of size and ordinary life, by the farthest statistic.

    Above 1 it is beyond both; the value held against the limit and the place of the statistic come beside it.
    """
    gaps = list(zip(shown.look.gaps, shown.reaches, strict=True))
    unusual = [gap.value / reach if reach else 0.0 for gap, reach in gaps]
    if rule.metric == EFFECT:
        limit = Limit.above(rule.above if rule.above is not None else 0.0, rule.clear)
        each = [min(limit.ratio(gap.effect), u) for (gap, _), u in zip(gaps, unusual, strict=True)]
        at = max(range(len(each)), key=each.__getitem__)
        return each[at], max(gap.effect for gap in shown.look.gaps), at
    at = max(range(len(gaps)), key=unusual.__getitem__)
    estimate = _value(rule, shown.case.sides.histograms(shown.case.column), shown.case)
    if estimate.value is None:
        return 0.0, None, at
    return min(max(_ratios(rule, estimate.value)), unusual[at]), estimate.value, at


def _ratios(rule: Rule, value: float) -> Iterator[float]:
    metric = metric_named(rule.metric)
    ideal = metric.ideal if metric is not None else None
    if rule.above is not None:
        yield Limit.above(rule.above, rule.clear, ideal).ratio(value)
    if rule.below is not None:
        yield Limit.below(rule.below, rule.clear, ideal).ratio(value)
    if rule.change is not None:  # a drift metric is a change against the reference already
        yield Limit.above(rule.change.amount, rule.clear).ratio(abs(value - (ideal or 0.0)))


def _value(rule: Rule, histograms: tuple[Histogram, Histogram], case: Case) -> Estimate:
    metric = metric_named(rule.metric)
    if metric is None:
        return Estimate(None, n=0, reason="no such metric")
    if not metric.reads.startswith("coarse"):
        found = metric.function(*histograms)
    else:
        k = int(metric.reads.removeprefix("coarse"))
        found = metric.function(*(side.coarse(case.column, k) for side in (case.sides.reference, case.sides.current)))
    if isinstance(found, Estimate):
        return found
    n = histograms[1].n
    return Estimate(None, n=n, reason="undefined") if found is None else Estimate(float(found), n=n)


def evidence_of(rule: Rule, shown: Shown, value: float | None, at: int) -> Evidence:
    """Return the numbers behind a verdict; ``reference_high`` is how far the statistic at ``at`` may go."""
    gap, reach = shown.look.gaps[at], shown.reaches[at]
    limit = rule.above if rule.above is not None else rule.below
    return Evidence(
        metric=rule.metric,
        column=shown.case.place.column,
        value=value,
        limit=limit if rule.change is None else rule.change.amount,
        effect=max(one.effect for one in shown.look.gaps),
        p_value=shown.look.p_value,
        p_corrected=shown.p_corrected,
        level=shown.level,
        reference_low=0.0,
        reference_high=reach,
        n=shown.look.n,
        n_reference=shown.look.n_reference,
        scale=shown.case.sides.scale,
        season=shown.case.sides.season,
        note=f"{gap.name} is {gap.value:.3g}; a healthy window reaches {reach:.3g}",
    )
