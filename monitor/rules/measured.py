"""Measured numbers as checks: performance, fairness, operations and quality, as they were stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from monitor.domain.measurement import Group, Measurement
from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.evaluate import LEARNING
from monitor.metrics.intervals import newcombe, normal_quantile
from monitor.rules.check import Check
from monitor.rules.drift import is_drift
from monitor.rules.interval import at_level
from monitor.rules.quality import COUNTED
from monitor.rules.rule import Rule, metric_named
from monitor.rules.select import Attributes, Place, selects
from monitor.rules.situation import Situation
from monitor.rules.spread import Spread, spread_of

_Z95 = normal_quantile(0.95)
Found = tuple[str, str | None, Group | None, Estimate]
Key = tuple[str, str | None, tuple[tuple[str, str | None], ...]]


def key(metric: str, column: str | None, group: Group | None) -> Key:
    """Return where a number stands, whatever the version."""
    return metric, column, tuple(sorted((group or {}).items()))


@dataclass(frozen=True)
class Before:
    """The numbers of the reference itself, by where they stand, and how far its own windows spread around them."""

    values: Mapping[Key, Estimate] = field(default_factory=dict)
    spreads: Mapping[Key, Spread] = field(default_factory=dict)

    @classmethod
    def of(cls, found: Iterable[Found], windows: Iterable[Iterable[Found]] = ()) -> Before:
        """Keep the estimate of each number, and its spread over the reference's windows, oldest first."""
        values = {key(metric, column, group): estimate for metric, column, group, estimate in found}
        series: dict[Key, list[Estimate]] = {}
        for window in windows:
            for metric, column, group, estimate in window:
                series.setdefault(key(metric, column, group), []).append(estimate)
        spreads = {at: one for at, seen in series.items() if at in values and (one := spread_around(values[at], seen))}
        return cls(values, spreads)


def spread_around(whole: Estimate, windows: Sequence[Estimate]) -> Spread | None:
    """Return how far windows spread around the number of all of them, beyond what their intervals explain.

    None when fewer than 4 of them have a number with an interval.

    Examples
    --------
    >>> days = [Estimate(v, n=100, low=v - 0.1, high=v + 0.1) for v in (0.2, 0.8, 0.3, 0.7, 0.5)]
    >>> spread_around(Estimate(0.5, n=500, low=0.46, high=0.54), days).variance > 0.04
    True
    """
    if whole.value is None:
        return None
    gaps, noise = [], []
    for one in windows:
        if one.value is not None and one.low is not None and one.high is not None:
            gaps.append(one.value - whole.value)
            noise.append(((one.high - one.low) / (2 * _Z95)) ** 2)
    return spread_of(np.array(gaps), np.array(noise), 1.0) if gaps else None


def measured(
    situation: Situation,
    rules: Sequence[Rule],
    measurements: Sequence[Measurement],
    before: Before,
    known: Attributes,
) -> Iterator[Check]:
    """Yield the checks of stored numbers; rules that limit a change get a check of their own."""
    wanted = {rule.metric for rule in rules if not is_drift(rule.metric) and rule.metric not in COUNTED}
    pairs = _pairs(measurements, known.min_group_size)
    for m in measurements:
        if m.metric not in wanted:
            continue
        place = Place(m.metric, m.column, m.group, m.version)
        chosen = [rule for rule in rules if selects(rule, place, known)]
        plain = tuple(rule for rule in chosen if rule.change is None)
        moved = tuple(rule for rule in chosen if rule.change is not None)
        if plain:
            yield _check(situation, m, place, plain, None, pairs)
        if moved:
            at = key(m.metric, m.column, m.group)
            past = before.values.get(at, undefined("no_reference"))
            yield _check(situation, m, place, moved, past, pairs, before.spreads.get(at))


def _check(
    situation: Situation,
    m: Measurement,
    place: Place,
    rules: tuple[Rule, ...],
    past: Estimate | None,
    pairs: Mapping[tuple[str | None, str | None], int],
    spread: Spread | None = None,
) -> Check:
    metric = metric_named(m.metric)
    late = (metric is not None and metric.ground_truth) or m.column == "target"
    limits = metric.limits if metric is not None else (None, None)
    gap = metric is not None and metric.kind == "fairness"
    families = max(1, pairs.get((m.column, m.version), 1)) if gap and not place.attributes else 1
    now = _estimate(m)

    def at(level: float) -> Estimate:
        current = at_level(now, level, limits, families=families)
        return current if past is None else newcombe(current, at_level(past, level, limits, families=families))

    silent = situation.silent or _silent(situation, m, past, late=late)
    return Check(place, rules, at, m.value, m.n, past, silent, late, spread=spread)


def _silent(situation: Situation, m: Measurement, past: Estimate | None, *, late: bool) -> str | None:
    if m.in_reference:
        return "in_reference"
    if m.value is None:
        failed = (m.reason or "").startswith("the metric failed")
        return "error" if failed else LEARNING if m.reason == LEARNING else "no_rows" if not m.n else "undefined"
    if m.provisional and not situation.judge_provisional:
        return "provisional"
    if past is not None and late and not situation.reference_mature:
        return "reference_immature"
    if past is not None and past.value is None:
        return "no_reference"
    return None


def _estimate(m: Measurement) -> Estimate:
    return Estimate(m.value, n=m.n, low=m.low, high=m.high, reason=m.reason if m.value is None else None)


def _pairs(measurements: Sequence[Measurement], least: int) -> dict[tuple[str | None, str | None], int]:
    """Return, by attributes and version, how many pairs of groups the bounds of a gap hold for at once.

    Counted by the groups' own rates, which are there for all of them; too few pairs would only widen the interval.
    """
    groups: dict[tuple[str | None, str | None], int] = {}
    for m in measurements:
        if m.metric == "selection_rate" and m.group and "class" not in m.group and m.n >= least:
            at = "×".join(m.group), m.version
            groups[at] = groups.get(at, 0) + 1
    return {at: n * (n - 1) // 2 for at, n in groups.items()}
