"""The course of what an incident rests on: the gravest finding over time, with its limit and the incident marked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dash import dcc

from dashboards.asking import Asked, link
from dashboards.components.card import card
from dashboards.components.chart import chart
from dashboards.components.metric_name import label, unit
from dashboards.figures.canvas import Look
from dashboards.figures.scene import Scene
from dashboards.figures.timeline import Level, Line, timeline
from dashboards.tabs.lines import bounds
from monitor.alerts.member import Member
from monitor.service.oncall.story import Story
from monitor.service.view.mark import Marks, marks
from monitor.service.view.past import Lens, Past, past
from monitor.service.view.trail import Trail, trails
from monitor.store.series import SeriesKey, group_text

OWN = ("metric", "column", "version", "kind")
BEFORE = timedelta(days=30)
LEAST = timedelta(days=60)
MOST_POINTS = 1500


def course(found: Story, asked: Asked, look: Look) -> Any:
    """Return the chart of the gravest finding that has numbers over time; None when none has."""
    incident = found.seen.incident
    with asked.store.read() as conn:
        known = past(conn, Lens(incident.model))
        if known is None or not known.windows:
            return None
        happened = marks(conn, known)
        numbers = {key: number for number, key in known.keys.items()}
        for one in found.seen.members:
            number = numbers.get(_key(one))
            if number is not None:
                [trail] = trails(conn, known, [number])
                return _drawn(found, one, trail, known, happened, look)
    return None


def _drawn(found: Story, one: Member, trail: Trail, known: Past, happened: Marks, look: Look) -> Any:
    until = found.seen.incident.resolved_at
    last = known.windows[-1].window.end if until is None else min(until + BEFORE, known.windows[-1].window.end)
    begin = min(found.seen.incident.started_at - BEFORE, last - LEAST)
    places = [p for p, run in enumerate(known.windows) if begin < run.window.end <= last][-MOST_POINTS:]
    if not any(trail.value[place] is not None for place in places):
        return None
    starts, ends = [known.starts[place] for place in places], [known.ends[place] for place in places]
    provisional = [known.windows[place].outcome.provisional for place in places]
    scene = Scene(starts, ends, starts[0], ends[-1], marks=happened, provisional=provisional)
    name = label(trail.metric) + (f" of {trail.column}" if trail.column else "")
    value, low, high = ([side[p] for p in places] for side in (trail.value, trail.low, trail.high))
    line = Line(name, value, low, high, [trail.n[p] for p in places])
    limit = one.evidence.limit if one.evidence is not None else None
    levels = [Level(limit, "limit", severity=one.severity)] if limit is not None else []
    figure = timeline(scene, [line], look, levels=levels, height=200, unit=unit(trail.metric), **bounds(trail.metric))
    way = link("explore", model=found.seen.incident.model, metric=trail.metric, column=trail.column)
    drawn = chart(figure, f"{name} over time, with its limit and the incident marked")
    return card(drawn, heading=name, aside=dcc.Link("Explore", href=way, className="plain small"))


def _key(one: Member) -> SeriesKey:
    """Return the series that a finding was judged by."""
    labels = one.labels
    group = {key.removeprefix("group:"): value for key, value in labels.items() if key not in OWN}
    return SeriesKey(labels.get("version"), labels.get("metric") or "", labels.get("column"), group_text(group or None))
