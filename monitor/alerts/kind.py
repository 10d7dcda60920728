"""What an instance is about: a kind of metric, or one of the no-data family."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.metrics.registry import registered

NO_DATA = frozenset({"overdue", "no_rows", "too_few_rows", "labels_overdue", "source_error", "schema_changed"})
"""What an instance of the no-data family calls its metric."""

_ESTIMATED = "estimated_"


def kind_of(labels: Mapping[str, str | None]) -> str:
    """Return the kind of an instance by its labels, ``other`` when its metric is not registered.

    A no-data instance has its kind where others have their metric, under ``metric`` or, without a metric, under
    ``kind``.

    Examples
    --------
    >>> kind_of({"metric": "psi", "column": "age"}), kind_of({"kind": "overdue"}), kind_of({"metric": "no_rows"})
    ('drift', 'overdue', 'no_rows')
    """
    name = labels.get("metric") or labels.get("kind") or ""
    if name in NO_DATA:
        return name
    plain = name.removeprefix(_ESTIMATED).partition("@")[0]
    metrics = registered()
    found = metrics.get(name) or metrics.get(plain) or metrics.get(f"{plain}@k")
    return found.kind if found is not None else "other"


def is_no_data(labels: Mapping[str, str | None]) -> bool:
    """Tell whether an instance belongs to the no-data family.

    A segment that happens to be called ``kind`` does not make one: what has a metric is judged by that.

    Examples
    --------
    >>> is_no_data({"metric": "psi", "kind": "overdue"}), is_no_data({"kind": "overdue"})
    (False, True)
    """
    name = labels.get("metric") or labels.get("kind")
    return name in NO_DATA


def group_key(model: str, labels: Mapping[str, str | None]) -> str:
    """Return which incident an instance belongs to: one for a model, and one for its no-data family.

    Names of models hold no slash, so the keys of two models never meet.

    Examples
    --------
    >>> group_key("churn", {"metric": "psi"}), group_key("churn", {"metric": "no_rows"})
    ('churn', 'churn/no_data')
    """
    return f"{model}/no_data" if is_no_data(labels) else model
