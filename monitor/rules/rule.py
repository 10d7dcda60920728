"""A rule: one condition on one metric, with everything it leaves open filled in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from monitor.config.rule import Change, RuleConfig
from monitor.domain.verdict import Severity
from monitor.metrics.registry import Metric, registered

ROWS, LABELLED = 50, 30  # fewer rows, or labelled ones, tell nothing
CLEAR = 0.8  # of the way to the limit: below it is healthy again


@dataclass(frozen=True, slots=True)
class Rule:
    """One condition on one metric.

    ``id`` is a text that stays the same while the rule does. ``columns``, ``groups`` and ``segments`` are patterns,
    None for what the metric is usually judged by. One kind of limit is given: ``above`` and ``below``, ``worse_by``, or
    ``moved_by``; ``clear`` is where it is healthy again, None for four fifths of the way to the limit. ``needed`` of
    ``of`` windows must breach; ``clear_for`` healthy ones end it. Below ``min_rows`` nothing is said.
    """

    id: str
    metric: str
    columns: tuple[str, ...] | None = None
    groups: tuple[str, ...] | None = None
    segments: tuple[str, ...] | None = None
    version: str | None = None
    above: float | None = None
    below: float | None = None
    worse_by: Change | None = None
    moved_by: Change | None = None
    clear: float | None = None
    severity: Severity = "warning"
    needed: int = 2
    of: int = 3
    clear_for: int = 2
    min_rows: int = ROWS

    @property
    def change(self) -> Change | None:
        """The limit of a change against the reference, None when the value itself is limited."""
        return self.worse_by or self.moved_by


def metric_named(name: str) -> Metric | None:
    """Return the registered metric behind a name in measurements, None when there is none.

    Examples
    --------
    >>> metric_named("ndcg@10").name, metric_named("nonsense")
    ('ndcg@k', None)
    """
    bare = name.removeprefix("estimated_")
    return registered().get(f"{bare.partition('@')[0]}@k" if "@" in bare else bare)


def is_quality(name: str) -> bool:
    """Tell whether a metric is about the data rather than what they say: such rules, if critical, fire at once.

    Examples
    --------
    >>> is_quality("unseen_rate"), is_quality("missing_rate_change"), is_quality("psi")
    (True, True, False)
    """
    metric = metric_named(name)
    return name == "missing_rate_change" or (metric is not None and metric.kind == "quality")


def rule_of(config: RuleConfig) -> Rule:
    """Return the rule that an entry of monitor.yaml means.

    Examples
    --------
    >>> rule = rule_of(RuleConfig(metric="psi", columns="*", above=0.2))
    >>> rule.id, rule.needed, rule.of, rule.min_rows
    ('psi of * above 0.2', 2, 3, 50)
    """
    metric = metric_named(config.metric)
    late = metric is not None and metric.ground_truth
    at_once = config.severity == "critical" and is_quality(config.metric)
    persistence = config.for_
    rule = Rule(
        id="",
        metric=config.metric,
        columns=config.selected,
        groups=config.groups,
        segments=config.segments,
        version=config.version,
        above=config.above,
        below=config.below,
        worse_by=config.worse_by,
        moved_by=config.moved_by,
        clear=config.clear,
        severity=config.severity,
        needed=persistence.needed if persistence else 1 if at_once else 2,
        of=persistence.of if persistence else 1 if at_once else 3,
        clear_for=config.clear_for,
        min_rows=config.min_rows or (LABELLED if late else ROWS),
    )
    return replace(rule, id=config.name or _text(rule))


def distinct(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return the rules, equal ones once, and texts that two of them share told apart by a number.

    Examples
    --------
    >>> first, second = Rule("a", "psi", above=0.1), Rule("a", "psi", above=0.2)
    >>> [rule.id for rule in distinct([first, second, first])]
    ['a', 'a #2']
    """
    found: dict[str, Rule] = {}
    for rule in dict.fromkeys(rules):
        name, number = rule.id, 1
        while name in found:
            number += 1
            name = f"{rule.id} #{number}"
        found[name] = replace(rule, id=name)
    return tuple(found.values())


def _text(rule: Rule) -> str:
    named = (("of", rule.columns), ("by", rule.groups), ("inside", rule.segments))
    words = [rule.metric, *(f"{word} {', '.join(names)}" for word, names in named if names is not None)]
    words += [f"of version {rule.version}"] if rule.version is not None else []
    words += [
        f"{word} {limit:g}" for word, limit in (("above", rule.above), ("below", rule.below)) if limit is not None
    ]
    changes = (("worse by", rule.worse_by), ("moved by", rule.moved_by))
    words += [f"{word} {_amount(change)}" for word, change in changes if change is not None]
    return " ".join(words)


def _amount(change: Change) -> str:
    return f"{100 * change.amount:g}%" if change.relative else f"{change.amount:g}"
