"""Evaluation: every registered metric, at every place it can be taken, of one comparison."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import blake2b

import numpy as np

from monitor.metrics.comparison import MOST_CLASSES, At, Comparison, Group, group_of
from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.reasons import TOO_MANY_CLASSES, TOO_MANY_LABELS
from monitor.metrics.registry import Metric, registered
from monitor.profile.confusion import Confusion
from monitor.profile.reading import Values

LEARNING = "learning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One estimate and where it was taken; ``late`` tells whether it waits for ground truth."""

    metric: str
    column: str | None
    group: Group | None
    estimate: Estimate
    late: bool


def evaluate(comparison: Comparison, *, learning: bool = False) -> Iterator[Finding]:
    """Yield every metric of the model's task at every column, group, class and depth.

    A metric that fails yields no value, with the error as its reason: one bad column or plug-in never stops the
    others. With ``learning`` there is no reference to compare with and drift has no value.
    """
    for metric in registered().values():
        if comparison.model.task not in metric.tasks and not (
            metric.per_class and comparison.model.task == "multiclass"
        ):
            continue
        yield from _places(metric, comparison, learning)
    if comparison.segment is None:
        yield from _disparities(comparison, learning)


def evaluate_segment(comparison: Comparison, *, learning: bool = False) -> Iterator[Finding]:
    """Yield the metrics of columns inside one segment."""
    for metric in registered().values():
        if metric.reads in ("column", "coarse10", "coarse20"):
            yield from _places(metric, comparison, learning)


def evaluate_metric(metric: Metric, comparison: Comparison) -> Iterator[Finding]:
    """Yield one metric at every place it can be taken, gaps between groups apart."""
    yield from _places(metric, comparison, learning=False)


def _places(metric: Metric, comparison: Comparison, learning: bool) -> Iterator[Finding]:
    if metric.reads == "rankings":
        for k, at in comparison.rankings():
            yield _finding(metric, at, name=metric.name.replace("@k", f"@{k}"))
        return
    for at in _PLACES[metric.reads](comparison, metric) if metric.reads in _PLACES else ():
        if learning and metric.kind == "drift":
            yield Finding(metric.name, at.column, at.group, undefined(LEARNING), metric.ground_truth)
        else:
            yield _finding(metric, at)


def _operations(comparison: Comparison, _: Metric) -> Iterator[At]:
    operations = comparison.current.operations
    return iter(()) if operations is None else comparison.whole(operations, comparison.seconds)


def _with_target(places: Callable[[Comparison], Iterator[At]]) -> Callable[[Comparison, Metric], Iterator[At]]:
    return lambda comparison, _: places(comparison) if "target" in comparison.model.roles else iter(())


_PLACES: dict[str, Callable[[Comparison, Metric], Iterator[At]]] = {
    "column": lambda c, m: c.columns(m),
    "coarse10": lambda c, m: c.columns(m),
    "coarse20": lambda c, m: c.columns(m),
    "rows": lambda c, _: c.whole(c.current.rows),
    "moments": lambda c, _: c.whole(c.reference.moments, c.current.moments) if c.current.layout.spread else iter(()),
    "operations": _operations,
    "confusion": lambda c, m: c.confusions(m) if _judged(c, m) else iter(()),
    "cells": _with_target(lambda c: c.cells()),
    "scores": lambda c, m: c.scores() if _judged(c, m) else iter(()),
    "class_scores": _with_target(lambda c: c.class_scores()),
    "log_loss": _with_target(lambda c: c.log_losses()),
    "residuals": _with_target(lambda c: c.residuals() if "prediction" in c.model.roles else iter(())),
}


def _judged(comparison: Comparison, metric: Metric) -> bool:
    """Tell whether the model logs what the metric needs: decisions, and ground truth unless it does without."""
    roles = comparison.model.roles
    decided = bool(roles & {"prediction", "score"}) or bool(comparison.model.score_classes)
    return decided and ("target" in roles or not metric.ground_truth)


def _finding(metric: Metric, at: At, name: str | None = None) -> Finding:
    late = metric.ground_truth or at.column == "target"
    return Finding(name or metric.name, at.column, at.group, _estimate(metric, at), late)


def _estimate(metric: Metric, at: At) -> Estimate:
    if at.reason is not None:
        return undefined(at.reason)
    options = dict(at.options)
    if _takes_rng(metric.function):
        options["rng"] = np.random.default_rng(_seed(metric.name, at))
    try:
        found = metric.function(*at.arguments, **options)
        if isinstance(found, Estimate):
            return found
        return _plain(found, at.arguments)
    except MemoryError:
        raise  # the window does not fit: another time or place it may
    except Exception as error:  # noqa: BLE001 - a plug-in may raise anything; the reason is kept with the measurement
        return undefined(f"the metric failed: {type(error).__name__}: {error}"[:300])


def _plain(value: float | None, arguments: Sequence[object]) -> Estimate:
    """Wrap a bare number of a metric of two count arrays."""
    current = arguments[-1]
    n = int(current.sum()) if isinstance(current, np.ndarray) else 0
    if value is None:
        return undefined("no rows in the window" if not n else "no rows in the reference", n=n)
    if not math.isfinite(value):
        return undefined("the value is not a finite number", n=n)
    return Estimate(float(value), n=n)


@cache
def _takes_rng(function: Callable[..., object]) -> bool:
    return "rng" in inspect.signature(function).parameters


def _seed(name: str, at: At) -> int:
    """Return a seed that depends on what is measured only, so that the same counts give the same interval."""
    text = repr((name, at.column, sorted((at.group or {}).items(), key=str)))
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _disparities(comparison: Comparison, learning: bool) -> Iterator[Finding]:
    """Yield gaps between groups, and how they changed since the reference."""
    if comparison.model.task not in ("binary", "multiclass"):
        return
    metrics = [m for m in registered().values() if m.reads == "groups" and _judged(comparison, m)]
    names: tuple[str | None, ...] = (None, *comparison.classes) if comparison.model.task == "multiclass" else (None,)
    many = len(comparison.classes) > MOST_CLASSES
    for attributes in comparison.model.groups:
        now = _large(comparison, comparison.current.confusions(attributes))
        before = {} if learning else _large(comparison, comparison.reference.confusions(attributes))
        lost = comparison.current.overflowed("confusion", attributes)
        past = TOO_MANY_LABELS if comparison.reference.overflowed("confusion", attributes) else LEARNING
        for metric in metrics:
            by_class = metric.per_class and comparison.model.task == "multiclass"
            if lost or (by_class and many):
                yield from _no_gaps(metric, attributes, TOO_MANY_LABELS if lost else TOO_MANY_CLASSES)
                continue
            for name in names:
                if _applies(metric, comparison, name):
                    yield from _gaps(metric, comparison, attributes, _as(now, name), _as(before, name), name, past)


def _no_gaps(metric: Metric, attributes: tuple[str, ...], reason: str) -> Iterator[Finding]:
    """Yield why a gap and its change have no value."""
    change = registered().get(f"{metric.name}_change")
    for name in (metric.name, *([change.name] if change else ())):
        yield Finding(name, "×".join(attributes), None, undefined(reason), metric.ground_truth)


def _applies(metric: Metric, comparison: Comparison, name: str | None) -> bool:
    if comparison.model.task == "binary":
        return "binary" in metric.tasks
    return metric.per_class if name is not None else "multiclass" in metric.tasks and not metric.per_class


def _large(comparison: Comparison, groups: dict[Values, Confusion]) -> dict[Values, Confusion]:
    return {values: c for values, c in groups.items() if c.rows >= comparison.model.min_group_size}


def _as(groups: dict[Values, Confusion], name: str | None) -> dict[Values, Confusion]:
    return groups if name is None else {v: replace(c, positive=name) for v, c in groups.items()}


def _gaps(
    metric: Metric, comparison: Comparison, attributes: tuple[str, ...], now: dict[Values, Confusion],
    before: dict[Values, Confusion], name: str | None, unknown: str,
) -> Iterator[Finding]:  # fmt: skip
    column = "×".join(attributes)
    extra: Group = {} if name is None else {"class": name}
    places: list[tuple[Group, dict[str, object], Callable[[dict[Values, Confusion]], dict[Values, Confusion]]]]
    places = [(extra, {}, lambda groups: groups)]
    against = tuple(comparison.model.reference_group.get(a) for a in attributes)
    if None not in against and against in now:
        for values in now:
            if values != against:
                group = {**(group_of(attributes, values) or {}), **extra}
                places.append((group, {"against": against}, lambda groups, v=values: _two(groups, against, v)))  # type: ignore[misc]
    change = registered().get(f"{metric.name}_change")
    for group, options, chosen in places:
        gap = _estimate(metric, At(column, group, (chosen(now),), options))
        yield Finding(metric.name, column, group or None, gap, metric.ground_truth)
        if change is not None:
            past = _estimate(metric, At(column, group, (chosen(before),), options)) if before else undefined(unknown)
            yield Finding(
                change.name, column, group or None, _estimate(change, At(None, None, (gap, past))), metric.ground_truth
            )


def _two(groups: dict[Values, Confusion], against: Values, values: Values) -> dict[Values, Confusion]:
    return {v: groups[v] for v in (against, values) if v in groups}
