"""Drift: a column breaches when the change is large, significant, and beyond ordinary life, all at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from math import sqrt

from monitor.domain.evidence import Evidence
from monitor.domain.verdict import Judged, Verdict
from monitor.profile.bins import NumericBins
from monitor.rules.budget import Levels
from monitor.rules.false_discovery import corrected
from monitor.rules.gap import Gap
from monitor.rules.null import Look
from monitor.rules.rule import CLEAR, Rule, metric_named
from monitor.rules.select import Attributes, Place, labels_of, selects
from monitor.rules.sides import Sides
from monitor.rules.situation import Situation
from monitor.rules.strength import EFFECT, Case, Shown, evidence_of, strength_of

COUNTS_ALONE = frozenset({EFFECT, "drift_pvalue", "kolmogorov_smirnov_statistic", "kolmogorov_smirnov_pvalue"})


def is_drift(name: str) -> bool:
    """Tell whether a metric is judged as drift of a column.

    Examples
    --------
    >>> is_drift("psi"), is_drift("missing_rate_change"), is_drift("recall"), is_drift("multivariate_drift")
    (True, False, False, False)
    """
    metric = metric_named(name)
    columns = ("column", "coarse10", "coarse20")
    return metric is not None and metric.kind == "drift" and metric.reads in columns and name != "missing_rate_change"


def needs_values(rules: Iterable[Rule]) -> bool:
    """Tell whether rules ask for a metric that is not of counts alone, such as a distance in the column's unit.

    Examples
    --------
    >>> needs_values([Rule("a", "psi"), Rule("b", "drift_effect")]), needs_values([Rule("c", "mean_shift")])
    (False, True)
    """
    metrics = [metric_named(rule.metric) for rule in rules if is_drift(rule.metric) and rule.metric not in COUNTS_ALONE]
    return any(metric is not None and metric.reads == "column" for metric in metrics)


def judge_drift(
    situation: Situation,
    rules: Sequence[Rule],
    sides: Sequence[Sides],
    levels: Levels,
    known: Attributes,
    *,
    tests: int | None = None,
) -> Iterator[Verdict]:
    """Yield what the rules about drift say, for every column, segment and version, on every scale that is given.

    Parameters
    ----------
    situation : Situation
        The window; where it is silent all verdicts are ``none``.
    rules : sequence of Rule
        All of the model's; those about other metrics are left out.
    sides : sequence of Sides
        For each scale the whole, and the segments and versions that rules may ask for.
    levels : Levels
        From the budget.
    known : Attributes
        The model's groups and segments.
    tests : int, optional
        How many drift tests the window has on each scale, where ``sides`` hold some of them only.
    """
    chosen = [rule for rule in rules if is_drift(rule.metric)]
    cases = sorted((case for side in sides for case in _cases(chosen, side, known)), key=lambda c: c.sides.scale)
    for scale, group in groupby(cases, key=lambda c: c.sides.scale):
        found = list(group)
        if situation.silent:
            yield from _nothing(situation, found, situation.silent)
            continue
        looks = [case.sides.look(case.column) for case in found]
        yield from _nothing(situation, [c for c, one in zip(found, looks, strict=True) if one is None], "no_rows")
        pairs = [(case, one) for case, one in zip(found, looks, strict=True) if one is not None]
        for shown in _shown(pairs, scale, max(len(found), tests or 0), levels):
            for rule in shown.case.rules:
                yield _verdict(situation, rule, shown)


def _cases(rules: Sequence[Rule], sides: Sides, known: Attributes) -> Iterator[Case]:
    for column, name, group in sides.columns():
        place = Place(EFFECT, name, group, sides.version)
        numeric = isinstance(sides.reference.layout.bins[column], NumericBins)
        asked = []
        for rule in rules:
            metric = metric_named(rule.metric)
            fits = metric is not None and metric.columns in (None, "numeric" if numeric else "categorical")
            if fits and selects(rule, Place(rule.metric, name, group, sides.version), known):
                asked.append(rule)
        if asked:
            yield Case(sides, column, place, tuple(asked))


def _shown(pairs: list[tuple[Case, Look]], scale: int, tests: int, levels: Levels) -> Iterator[Shown]:
    """Correct the p-values of all cases of a scale that have rows enough, and say how far ordinary life reaches."""
    enough = [one.n >= min(rule.min_rows for rule in case.rules) for case, one in pairs]
    p_values = iter(corrected([one.p_value for (_, one), e in zip(pairs, enough, strict=True) if e], tests))
    level = levels.drift(scale, tests)
    lasting = levels.lasting(scale)
    for (case, one), counted in zip(pairs, enough, strict=True):
        each = tests * len(one.gaps)
        reaches = tuple(_reach(case, gap, level / each, lasting / each) for gap in one.gaps)
        yield Shown(case, one, next(p_values) if counted else one.p_value, level, reaches)


def _reach(case: Case, gap: Gap, chance: float, lasting: float) -> float:
    """Return how far a gap may be in a healthy window: chance and ordinary life, which add as variances do."""
    life = case.sides.life
    spreads = life.spread(case.column, gap.name, case.sides.scale) if life is not None else ()
    beyond = min((spread.reach(lasting) for spread in spreads), default=0.0)
    return sqrt(gap.reach(chance) ** 2 + beyond**2)


def _verdict(situation: Situation, rule: Rule, shown: Shown) -> Verdict:
    case, scale = shown.case, shown.case.sides.scale
    labels = labels_of(Place(rule.metric, case.place.column, case.place.group, case.place.version))
    late = case.place.column == "target"
    if shown.look.n < rule.min_rows:
        evidence = Evidence(
            rule.metric, case.place.column, n=shown.look.n, n_reference=shown.look.n_reference, scale=scale
        )
        return situation.verdict(rule, labels, "none", evidence, reason="too_few_rows", scale=scale, late=late)
    strength, value, gap = strength_of(rule, shown)
    state: Judged = "mid"
    if strength > 1 and shown.p_corrected <= shown.level:
        state = "breach"
    elif strength <= CLEAR:
        state = "ok"
    return situation.verdict(rule, labels, state, evidence_of(rule, shown, value, gap), scale=scale, late=late)


def _nothing(situation: Situation, cases: Sequence[Case], reason: str) -> Iterator[Verdict]:
    for case in cases:
        for rule in case.rules:
            labels = labels_of(Place(rule.metric, case.place.column, case.place.group, case.place.version))
            yield situation.verdict(rule, labels, "none", reason=reason, scale=case.sides.scale)
