"""Limits: where a model's rules draw the line for a number, as a value that can be drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.config import ModelConfig
from monitor.domain.measurement import Group
from monitor.domain.verdict import SEVERITIES, Severity
from monitor.rules.defaults import rules_of
from monitor.rules.rule import Rule, metric_named
from monitor.rules.select import Attributes, Place, selects
from monitor.service.key_metric import key_metric


@dataclass(frozen=True, slots=True)
class Limit:
    """A value beyond which a rule breaches, and how grave that is; ``upper`` when it breaches above."""

    value: float
    severity: Severity
    upper: bool


@dataclass(frozen=True)
class Rulebook:
    """The rules of a model and what they may be applied to."""

    rules: tuple[Rule, ...]
    known: Attributes

    @classmethod
    def of(cls, model: ModelConfig) -> Rulebook:
        """Return the rules that monitor.yaml gives a model."""
        rules = rules_of(model.rules, model.task, key_metric(model))
        return cls(rules, Attributes(model.groups, model.segments, model.fairness.min_group_size))

    def limits(
        self, metric: str, column: str | None = None, group: Group | None = None, before: float | None = None
    ) -> list[Limit]:
        """Return the limits of a number, the least grave first; those of a change need what it was before.

        Examples
        --------
        >>> book = Rulebook(rules_of(None, "binary", "roc_auc"), Attributes())
        >>> [limit.value for limit in book.limits("drift_effect", "age")], book.limits("roc_auc")
        ([0.05, 0.2], [])
        >>> [round(limit.value, 2) for limit in book.limits("roc_auc", before=0.9)]
        [0.87]
        """
        place = Place(metric, column, group)
        found = {limit for rule in self.rules if selects(rule, place, self.known) for limit in _of(rule, before)}
        return sorted(found, key=lambda limit: (SEVERITIES.index(limit.severity), limit.value))


def _of(rule: Rule, before: float | None) -> Iterator[Limit]:
    if rule.above is not None:
        yield Limit(rule.above, rule.severity, upper=True)
    if rule.below is not None:
        yield Limit(rule.below, rule.severity, upper=False)
    if rule.change is None or before is None:
        return
    amount = rule.change.amount * (abs(before) if rule.change.relative else 1.0)
    metric = metric_named(rule.metric)
    worse = "neither" if rule.moved_by is not None or metric is None else metric.worse
    if worse != "higher":
        yield Limit(before - amount, rule.severity, upper=False)
    if worse != "lower":
        yield Limit(before + amount, rule.severity, upper=True)
