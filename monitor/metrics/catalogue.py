"""The catalogue: a page that lists every metric, written from what the metrics say of themselves.

``python -m monitor.metrics.catalogue > docs/metrics.md`` writes it anew.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Iterator
from typing import get_args

from monitor.metrics.registry import TASKS, Metric, MetricKind, Reads, registered

_READS: dict[Reads, str] = {
    "coarse10": "two histograms of a column over about 10 bins of equal reference mass",
    "coarse20": "two histograms of a column over about 20 bins of equal reference mass",
    "column": "two histograms of a column over the fine bins, with sums",
    "rows": "how many rows were read, doubled, labelled",
    "confusion": "rows by target class and predicted class, of each group",
    "cells": "one cell of a confusion: a target class, a predicted class, their rows",
    "scores": "rows by target class and score bin, of each group",
    "class_scores": "the same for every class of a multiclass model, one against the rest",
    "log_loss": "sums of the log-loss",
    "residuals": "sums and a histogram of prediction minus target",
    "groups": "the confusions of all groups of an attribute",
    "rankings": "sums over recommended lists, for each number of places k",
    "operations": "latencies and status codes",
    "moments": "sums of products of columns",
    "change": "two estimates of another metric, now and in the reference period",
}

_HEAD = """\
# Metrics

Written by `python -m monitor.metrics.catalogue`; the source of each line is the metric's own file in
`monitor/metrics/`. A metric is a function of counts; where its formula has no answer (0/0, no rows) the value is null
and a reason stands beside it. Intervals are 95 %.

- **worse**: the direction that does harm; "farther" means away from the ideal value on either side.
- **tasks**: the kinds of model that have it; "each class" means that a multiclass model has it for every class.
- **reads**: the counts it is computed from, explained at the end.
"""


def markdown() -> str:
    """Return the page as Markdown, one table for every kind of metric.

    Metrics of plug-ins are not in it: it describes this package.

    Examples
    --------
    >>> markdown().splitlines()[0]
    '# Metrics'
    """
    metrics = [m for _, m in sorted(registered().items()) if m.function.__module__.startswith("monitor.metrics.")]
    lines = [_HEAD]
    for kind in get_args(MetricKind):
        lines += _section(kind, [m for m in metrics if m.kind == kind])
    lines += ["## What metrics read", "", "| reads | which is |", "|---|---|"]
    lines += [f"| `{reads}` | {meaning} |" for reads, meaning in _READS.items()]
    return "\n".join(lines) + "\n"


def _section(kind: MetricKind, metrics: list[Metric]) -> Iterator[str]:
    """Yield the lines about one kind; none when it has no metric."""
    if not metrics:
        return
    room = importlib.import_module(f"monitor.metrics.{kind}")
    question = (room.__doc__ or kind).split("?")[0]
    yield from (f"## {kind.capitalize()}", "", f"{question}?", "")
    yield from ("| name | what it is | unit | worse | ideal | tasks | reads |", "|---|---|---|---|---|---|---|")
    yield from (_row(m) for m in metrics if m.reads != "change")
    yield ""
    changes = [m.name for m in metrics if m.reads == "change"]
    if changes:
        yield from ("Each has its change since the reference period, a metric of its own:", _names(changes) + ".", "")


def _row(metric: Metric) -> str:
    ideal = "" if metric.ideal is None else f"{metric.ideal:g}"
    reads = f"`{metric.reads}`" + (f", {metric.columns} columns" if metric.columns else "")
    cells = (f"`{metric.name}`", metric.title, metric.unit, metric.worse, ideal, _tasks(metric), reads)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _tasks(metric: Metric) -> str:
    text = "all" if set(metric.tasks) == set(TASKS) else ", ".join(metric.tasks)
    return f"{text}, each class" if metric.per_class else text


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    sys.stdout.write(markdown())
