"""Ordinary numbers: what rules that limit a change find in the reference, and in each of its own windows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from monitor.domain.window import Window
from monitor.metrics.comparison import Comparison
from monitor.metrics.evaluate import evaluate, evaluate_metric, evaluate_segment
from monitor.metrics.registry import Metric
from monitor.profile.reading import Reading
from monitor.rules.drift import is_drift
from monitor.rules.measured import Found
from monitor.rules.quality import COUNTED
from monitor.rules.rule import Rule, metric_named
from monitor.service.reference.reference import Reference
from monitor.service.tiles.observe import Slot

MOST = 240  # windows whose numbers are made anew: ten days of hours show what a day and its hours do


def whole(reference: Reference, beside: Mapping[Slot, Reading]) -> Iterator[Found]:
    """Yield the reference's own numbers, of all rows and inside each segment."""
    model = reference.layout.model
    for (version, segment), reading in beside.items():
        if version:
            continue
        if segment:
            found = evaluate_segment(Comparison(model, reading, reading, 1.0, json.loads(segment)))
        else:
            found = evaluate(Comparison(model, reading, reading, 1.0))
        for finding in found:
            yield finding.metric, finding.column, finding.group, finding.estimate


def each(
    reference: Reference, rules: Sequence[Rule], whole: Reading, steps: Iterable[tuple[Window, Reading]]
) -> Iterator[list[Found]]:
    """Yield what each window of a reference gives for the metrics whose change rules limit, oldest first."""
    metrics = limited(rules)
    if not metrics:
        return
    for window, reading in steps:
        comparison = Comparison(reference.layout.model, whole, reading, window.length.total_seconds())
        yield [(f.metric, f.column, f.group, f.estimate) for m in metrics for f in evaluate_metric(m, comparison)]


def limited(rules: Sequence[Rule]) -> list[Metric]:
    """Return the metrics whose change rules limit, each once; drift and what is counted are judged otherwise."""
    named = {
        rule.metric
        for rule in rules
        if rule.change and not is_drift(rule.metric) and rule.metric not in COUNTED and "estimated_" not in rule.metric
    }
    return list({metric.name: metric for name in sorted(named) if (metric := metric_named(name))}.values())
