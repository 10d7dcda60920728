"""What an instance is about: a kind of metric, or one of the no-data family."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.rules.rule import is_quality, metric_named

NO_DATA = frozenset({"overdue", "no_rows", "too_few_rows", "labels_overdue", "source_error", "schema_changed"})
"""What is missing, in the no-data family."""

MISSING = "/no_data"  # after the model's name, the group key of that family; no name of a model holds a slash


def kind_of(labels: Mapping[str, str | None]) -> str:
    """Return the kind of an instance by its labels, ``other`` when its metric is not registered.

    A no-data instance has its kind under ``kind``, or for its metric. Group keys of that name cannot be mistaken for
    it: the rules label them ``group:kind``.

    Examples
    --------
    >>> kind_of({"metric": "psi", "column": "age"}), kind_of({"kind": "overdue"}), kind_of({"metric": "no_rows"})
    ('drift', 'overdue', 'no_rows')
    """
    metric = labels.get("metric") or ""
    for name in (labels.get("kind"), metric):
        if name in NO_DATA:
            return str(name)
    if is_quality(metric):
        return "quality"
    found = metric_named(metric)
    return found.kind if found is not None else "other"


def is_no_data(labels: Mapping[str, str | None]) -> bool:
    """Tell whether an instance belongs to the no-data family.

    Examples
    --------
    >>> is_no_data({"metric": "psi", "group:kind": "overdue"}), is_no_data({"metric": "psi", "kind": "overdue"})
    (False, True)
    """
    return labels.get("kind") in NO_DATA or labels.get("metric") in NO_DATA


def group_key(model: str, labels: Mapping[str, str | None]) -> str:
    """Return which incident an instance belongs to: one for a model, and one for its no-data family.

    The keys of two models never meet.

    Examples
    --------
    >>> group_key("churn", {"metric": "psi"}), group_key("churn", {"metric": "no_rows"})
    ('churn', 'churn/no_data')
    """
    return f"{model}{MISSING}" if is_no_data(labels) else model
