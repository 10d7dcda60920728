"""Incidents in words, wherever people read them: what one is about, its members, what happened to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.alerts.member import Member
    from monitor.service.oncall.incidents import Seen

OWN = ("metric", "column", "version", "kind")
ABOUT = {
    "drift": "drift",
    "performance": "performance",
    "ranking": "ranking",
    "fairness": "fairness",
    "quality": "data quality",
    "operations": "operations",
    "estimation": "estimated performance",
    "overdue": "a window is overdue",
    "no_rows": "no rows",
    "too_few_rows": "too few rows",
    "labels_overdue": "ground truth is overdue",
    "source_error": "its log cannot be read",
    "schema_changed": "its log has other columns",
}
REASONS = {
    "recovered": "recovered",
    "revised": "older windows were judged anew",
    "manual": "by hand",
    "rule_deleted": "its rule was removed",
    "rule_changed": "its rule was changed",
    "model_retired": "the model is no longer monitored",
}
HAPPENED = {
    "opened": "opened",
    "reopened": "open again",
    "resolved": "resolved",
    "joined": "joined",
    "left": "left",
    "severity_up": "graver",
    "severity_down": "less grave",
    "flapping": "comes and goes",
    "settled": "steady again",
    "acknowledged": "acknowledged",
    "unacknowledged": "given back",
    "ack_expired": "acknowledgement over",
    "ack_broken": "acknowledgement broken",
    "silenced": "silenced",
}
NAMED = 3


def about(seen: Seen) -> str:
    """Return what is wrong in a few words, such as ``drift: amount, place``; the worst first."""
    if seen.incident.no_data:
        return " and ".join(ABOUT.get(kind, kind) for kind in seen.kinds)
    named: dict[str, dict[str, None]] = {}
    for kind, one in seen.by_kind:
        name = one.labels.get("column") or one.labels.get("metric") or one.rule
        named.setdefault(ABOUT.get(kind, "alarms"), {})[name] = None
    return "; ".join(f"{kind}: {some(tuple(names))}" for kind, names in named.items())


def member(one: Member) -> str:
    """Return what a member is about: its metric, column, version and rows."""
    labels = one.labels
    name = labels.get("metric") or labels.get("kind") or one.rule
    name = ABOUT.get(name, name) + (f" of {labels['column']}" if labels.get("column") else "")
    rows = {key: value for key, value in labels.items() if key not in OWN}
    if labels.get("version") is not None:
        rows = {"version": labels["version"], **rows}
    return " ".join([name, *(f"{key}={'(missing)' if value is None else value}" for key, value in rows.items())])


def some(names: Sequence[str], most: int = NAMED) -> str:
    """Return the first of some names, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
