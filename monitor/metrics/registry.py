"""The list of metrics: filled by the files that lie in this room's folders, and by plug-ins."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from monitor.domain.model import Kind, Task
from monitor.errors import UsageError
from monitor.metrics.change import change_named

MetricKind = Literal["quality", "drift", "performance", "fairness", "ranking", "operations"]
Reads = Literal[
    "coarse10", "coarse20", "column", "rows",
    "confusion", "cells", "scores", "class_scores", "log_loss", "residuals",
    "groups", "rankings", "operations", "moments", "change",
]  # fmt: skip
Worse = Literal["higher", "lower", "farther", "neither"]

F = TypeVar("F", bound=Callable[..., Any])

TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression", "ranking")


@dataclass(frozen=True)
class Metric:
    """A metric's formula and the words around it.

    ``reads`` names the view of the counts that ``function`` takes (see ``docs/metrics.md``); ``worse`` is the
    direction that harms; ``tasks`` the tasks it is for; ``columns`` restricts a column metric to one kind of
    column; ``per_class`` applies a binary metric to every class of a multiclass model; ``ideal`` is the value of a
    perfect state where there is one. ``name`` is the function's, unless the metric is published under another: in
    ``precision@k`` the evaluation puts the number of places for ``k``. A metric that reads ``change`` takes two
    estimates of another metric, now and in the reference period.
    """

    name: str
    function: Callable[..., Any]
    kind: MetricKind
    reads: Reads
    unit: str
    worse: Worse
    tasks: tuple[Task, ...]
    columns: Kind | None
    per_class: bool
    ideal: float | None
    limits: tuple[float | None, float | None]
    ground_truth: bool = False

    @property
    def title(self) -> str:
        """The first sentence of the docstring."""
        return " ".join((self.function.__doc__ or self.name).split("\n\n")[0].split())


_METRICS: dict[str, Metric] = {}
_LATE = ("performance", "fairness", "ranking")


def metric(
    *,
    kind: MetricKind,
    reads: Reads,
    unit: str,
    worse: Worse,
    tasks: tuple[Task, ...] = TASKS,
    columns: Kind | None = None,
    per_class: bool = False,
    ideal: float | None = None,
    limits: tuple[float | None, float | None] = (None, None),
    published: str | None = None,
    ground_truth: bool | None = None,
) -> Callable[[F], F]:
    """Register the decorated function as the metric of its name.

    Parameters
    ----------
    kind, reads, unit, worse, tasks, columns, per_class, ideal
        See :class:`Metric`.
    limits : pair of float or None
        The range that values cannot leave.
    ground_truth : bool, optional
        Whether the value waits for ground truth; by default what is performance, fairness or ranking does.
    published : str, optional
        Name in measurements where it cannot be a function's, such as ``precision@k``.

    Raises
    ------
    UsageError
        Another metric has that name.
    """

    def register(function: F) -> F:
        name = published or function.__name__
        known = _METRICS.get(name)
        if known is not None and known.function.__module__ != function.__module__:
            raise UsageError(f"metric {name!r} is defined twice", hint="rename the plug-in's function")
        late = kind in _LATE if ground_truth is None else ground_truth
        _METRICS[name] = Metric(
            name, function, kind, reads, unit, worse, tasks, columns, per_class, ideal, limits, late
        )
        if kind == "fairness":
            change = _change(_METRICS[name])
            _METRICS[change.name] = change
        return function

    return register


def _change(source: Metric) -> Metric:
    """Return the metric ``<name>_change``, which every fairness metric has without a file of its own."""
    low, high = source.limits
    span = None if low is None or high is None else high - low
    limits = (None, None) if span is None else (-span, span)
    function = change_named(source.name, source.ideal)
    function.__module__ = source.function.__module__
    return replace(source, name=f"{source.name}_change", function=function, reads="change", ideal=0.0, limits=limits)


def registered() -> Mapping[str, Metric]:
    """Return all metrics by name; the first call imports every file of this room's folders."""
    _discover()
    return MappingProxyType(_METRICS)


@cache
def _discover() -> None:
    package = importlib.import_module("monitor.metrics")
    for module in pkgutil.walk_packages(package.__path__, "monitor.metrics."):
        importlib.import_module(module.name)
