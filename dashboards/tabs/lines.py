"""Lines as tabs draw them: a trail of the store as a line of a chart, thinned to what can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dashboards.components.chart import chart
from dashboards.components.metric_name import label, unit
from dashboards.components.number import digits
from dashboards.figures.timeline import Level, Line, timeline
from dashboards.subject import Subject
from monitor.metrics import registered
from monitor.metrics.registry import Metric
from monitor.service.view.trail import Trail


def line_of(subject: Subject, trail: Trail, name: str = "", *, dashed: bool = False) -> Line:
    """Return a trail as a line, thinned to what can be drawn."""
    rows = [trail.n[at] for at in subject.picked]
    thin = subject.thin
    if len(subject.picked) < len(subject.past.windows):
        return Line(name, thin(trail.value), n=rows, dashed=dashed)
    return Line(name, trail.value, trail.low, trail.high, rows, dashed)


def bounds(metric: str) -> dict[str, Any]:
    """Return what a metric's values cannot leave, as a chart takes it."""
    known = _known(metric)
    return {"floor": known.limits[0], "ceiling": known.limits[1]} if known is not None else {}


def small_chart(subject: Subject, trail: Trail, levels: Sequence[Level] = (), *, height: int = 132) -> Any:
    """Return a small chart of one number for a tile."""
    unit_ = "ms" if unit(trail.metric) == "ms" else ""
    unnamed = [replace(one, name="") for one in levels]
    figure = timeline(
        subject.scene, [line_of(subject, trail)], subject.look, levels=unnamed, height=height, unit=unit_,
        **bounds(trail.metric),
    )  # fmt: skip
    figure["layout"]["yaxis"]["nticks"] = 3
    figure["layout"]["xaxis"]["nticks"] = 4
    figure["layout"]["margin"] |= {"t": 4, "r": 64}
    return chart(figure, f"{label(trail.metric)} over time, {ends(trail)}", linked=True)


def ends(trail: Trail) -> str:
    """Return the newest value of a trail in words."""
    last = trail.last
    return "no value" if last is None else f"last {digits(trail.value[last])}"


def _known(metric: str) -> Metric | None:
    known = registered()
    return known.get(metric) or known.get(f"{metric.partition('@')[0]}@k")
