"""Selection: which rule applies to which number, and the labels of what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from monitor.domain.measurement import Group
from monitor.rules.rule import Rule, metric_named

CELLS = frozenset({"class", "target", "prediction"})  # keys of a group that name a part of the metric, not rows
RESERVED = frozenset({"model", "rule", "metric", "column", "version", "severity", "kind"})
LATE = "target"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a number was taken: its metric, column, group and version, as in measurements."""

    metric: str
    column: str | None = None
    group: Group | None = None
    version: str | None = None

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attributes that the rows are restricted by."""
        return tuple(name for name in self.group or {} if name not in CELLS)


@dataclass(frozen=True, slots=True)
class Attributes:
    """A model's groups (attribute sets) and segments (single attributes); smaller groups stay out of disparities."""

    groups: tuple[tuple[str, ...], ...] = ()
    segments: tuple[str, ...] = ()
    min_group_size: int = 30


def selects(rule: Rule, place: Place, known: Attributes) -> bool:
    """Tell whether a rule judges a number.

    Without patterns it judges the total of all rows and versions: every feature, prediction and score of a metric of
    columns (``target`` only where it is named), every pair of extremes of a disparity. ``groups`` and ``segments``
    are held against attributes (``origin``, ``origin×carrier``) and against their values (``origin=JFK``).

    Examples
    --------
    >>> rule = Rule("r", "recall", groups=("origin",), worse_by=None)
    >>> known = Attributes(groups=(("origin",),))
    >>> selects(rule, Place("recall", None, {"origin": "JFK"}), known), selects(rule, Place("recall"), known)
    (True, False)
    """
    if place.metric != rule.metric or not _version(rule, place.version):
        return False
    if rule.columns is None and place.column == LATE:
        return False
    if rule.columns is not None and not _any(rule.columns, place.column):
        return False
    return _rows(rule, place, known)


def labels_of(place: Place) -> dict[str, str | None]:
    """Return the labels of an instance: metric, column, version, and the group's keys.

    Examples
    --------
    >>> labels_of(Place("psi", "age", {"origin": None, "column": "x"}))
    {'metric': 'psi', 'column': 'age', 'origin': None, 'group:column': 'x'}
    """
    found: dict[str, str | None] = {"metric": place.metric}
    found |= {"column": place.column} if place.column is not None else {}
    found |= {"version": place.version} if place.version is not None else {}
    return found | {f"group:{k}" if k in RESERVED else k: v for k, v in (place.group or {}).items()}


def group_of(labels: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return the group among the labels of an instance; empty for all rows.

    Examples
    --------
    >>> group_of({"rule": "r", "metric": "psi", "column": "age", "origin": None, "group:column": "x"})
    {'origin': None, 'column': 'x'}
    """
    return {name.removeprefix("group:"): value for name, value in labels.items() if name not in RESERVED}


def _version(rule: Rule, version: str | None) -> bool:
    if rule.version is None or version is None:
        return rule.version is None and version is None
    return fnmatchcase(version, rule.version)


def _rows(rule: Rule, place: Place, known: Attributes) -> bool:
    attributes = place.attributes
    if not attributes:
        return (rule.groups is None and rule.segments is None) or _is_gap(place)
    names = ("×".join(attributes), *_values(place.group or {}))
    inside = len(attributes) == 1 and attributes[0] in known.segments and _names(rule.segments, names)
    return inside or ((attributes in known.groups or _is_gap(place)) and _names(rule.groups, names))


def _is_gap(place: Place) -> bool:
    metric = metric_named(place.metric)
    return metric is not None and metric.kind == "fairness"


def _values(group: Mapping[str, str | None]) -> list[str]:
    each = [f"{k}={v}" for k, v in group.items() if k not in CELLS]
    return ["×".join(each)] if each else []


def _names(patterns: tuple[str, ...] | None, names: tuple[str, ...]) -> bool:
    return patterns is not None and any(_any(patterns, name) for name in names)


def _any(patterns: tuple[str, ...], name: str | None) -> bool:
    return name is not None and any(fnmatchcase(name, pattern) or name == pattern for pattern in patterns)
