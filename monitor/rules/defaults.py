"""The rules a model has when its owner wrote none, and those it has in all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from monitor.config.rule import Change, RuleConfig
from monitor.domain.model import Task
from monitor.domain.verdict import Severity
from monitor.rules.rule import Rule, distinct, rule_of

Entry = RuleConfig | Literal["default"]

_STEPS: tuple[tuple[float, Severity], ...] = ((0.05, "warning"), (0.2, "critical"))
_BY_GROUP = {"binary": "recall", "multiclass": "recall_macro", "regression": "mean_absolute_error"}


def rules_of(entries: Sequence[Entry] | None, task: Task, key_metric: str) -> tuple[Rule, ...]:
    """Return a model's rules: those of monitor.yaml, with the defaults where it says so or says nothing.

    Parameters
    ----------
    entries : sequence of RuleConfig or "default", optional
        None when monitor.yaml has no ``rules``.
    task : Task
        The model's.
    key_metric : str
        The metric that stands for the model's performance.

    Examples
    --------
    >>> [rule.id for rule in rules_of(None, "regression", "mean_absolute_error")][-2:]
    ['mean_absolute_error worse by 10%', 'mean_absolute_error by * worse by 15%']
    >>> rules_of([], "binary", "f1")
    ()
    """
    found: list[Rule] = []
    for entry in ("default",) if entries is None else entries:
        found += map(rule_of, _defaults(task, key_metric)) if isinstance(entry, str) else [rule_of(entry)]
    return distinct(found)


def _defaults(task: Task, key_metric: str) -> Iterator[RuleConfig]:
    for metric in ("drift_effect", "missing_rate_change", "unseen_rate"):
        for limit, severity in _STEPS:
            yield RuleConfig(metric=metric, above=limit, severity=severity)
    error = task == "regression"
    yield RuleConfig(metric=key_metric, worse_by=Change(0.1 if error else 0.03, error), severity="critical")
    yield RuleConfig(
        metric=_BY_GROUP.get(task, key_metric), groups=("*",), worse_by=Change(0.15 if error else 0.05, error)
    )
    if task in ("binary", "multiclass"):
        yield RuleConfig(metric="selection_rate", groups=("*",), moved_by=Change(0.1))
