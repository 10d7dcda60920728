"""The tab operations: how much is asked of the model, how fast it answers, how often it fails."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards.components.blank import empty
from dashboards.components.card import card
from dashboards.components.chart import chart
from dashboards.components.metric_name import metric_name
from dashboards.figures.timeline import timeline
from dashboards.subject import Subject
from dashboards.tabs.lines import bounds, line_of

TITLE = "Operations"
LATENCY = {"latency_p50": "median", "latency_p95": "95 %", "latency_p99": "99 %"}


def draw(subject: Subject) -> Any:
    """Return the tab."""
    found = {t.metric: t for t in subject.read(subject.past.named("throughput", "error_rate", "row_count", *LATENCY))}
    parts: list[Any] = []
    for name in ("throughput" if "throughput" in found else "row_count", "error_rate"):
        if name in found and found[name].last is not None:
            figure = timeline(subject.scene, [line_of(subject, found[name])], subject.look, height=200,
                              levels=subject.levels(name)[:2], zero=True, **bounds(name))  # fmt: skip
            parts.append(card(chart(figure, f"{name} over time", name=name, linked=True), heading=metric_name(name)))
    lines = [
        line_of(subject, found[name], words)
        for name, words in LATENCY.items()
        if name in found and found[name].last is not None
    ]
    if lines:
        figure = timeline(subject.scene, lines, subject.look, height=240, unit="ms", floor=0.0)
        parts.append(card(chart(figure, "Latency over time", name="latency", linked=True),
                          html.P("Milliseconds; half, 95 % and 99 % of the requests were faster.", className="note"),
                          heading="Latency"))  # fmt: skip
    if len(parts) < 2 and not lines and "error_rate" not in found:
        parts.append(
            empty(
                "Neither latency nor failures are logged.",
                "Name their columns: source.operations: {latency_ms: …, status: …} in monitor.yaml.",
            )
        )
    return html.Div(parts, className="stack")
