"""A metric of every group and segment in one window, as a table with bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import html

from dashboards.components.card import card
from dashboards.components.control import control
from dashboards.components.instant import instant
from dashboards.components.metric_name import label
from dashboards.components.number import change, count, digits
from dashboards.components.scroll import scroll
from dashboards.subject import Subject, instant_of
from monitor.service.view.fairness import GroupRate, attribute_sets, rates

if TYPE_CHECKING:
    from monitor.store.runs import Run

CLASSES = {"recall_macro": "recall", "precision_macro": "precision", "f1_macro": "f1"}
MOST = 60


def group_table(subject: Subject, metric: str) -> Any:
    """Return the card with a metric by group; nothing when the model keeps no groups apart."""
    sets = attribute_sets(subject.past)
    run = mature(subject)
    if not sets or run is None:
        return None
    names = [" × ".join(one) for one in sets]
    chosen = subject.asked.query.get("by") or names[0]
    attributes = sets[names.index(chosen)] if chosen in names else sets[0]
    with subject.store.read() as conn:
        least = subject.model.fairness.min_group_size
        found = rates(conn, subject.past, run, attributes, metric, least=least)
    if not found:
        return None
    data = [{"value": name, "label": name} for name in names]
    aside = control(
        dmc.SegmentedControl, "by", subject.asked.query, default=names[0], data=data, size="xs",
        **{"aria-label": "Groups by"},
    ) if len(names) > 1 else None  # fmt: skip
    when = html.P(["Window from ", instant(run.window.start), " to ", instant(run.window.end), "."], className="note")
    before = [subject.before(metric, group=dict(zip(attributes, one.values, strict=True))) for one in found[:MOST]]
    return card(
        when,
        table(found[:MOST], before),
        html.P(f"and {len(found) - MOST} more", className="note") if len(found) > MOST else None,
        heading=f"{label(metric)} by {' × '.join(attributes)}",
        aside=aside,
    )


def mature(subject: Subject) -> Run | None:
    """Return the window asked for, by default the newest whose ground truth is there."""
    asked_for = instant_of(subject.asked.query.get("window"))
    if asked_for is not None:
        return subject.past.at(asked_for)
    windows = subject.past.windows
    labelled = [run for run in windows if run.outcome.labelled]
    return next((run for run in reversed(labelled) if not run.outcome.provisional), labelled[-1] if labelled else None)


def table(found: Sequence[GroupRate], before: Sequence[float | None]) -> html.Div:
    """Return groups with their rate as a bar, its interval, its rows, and what the reference showed."""
    values = [abs(one.value) for one in found if one.value is not None]
    most = max([*values, *(abs(b) for b in before if b is not None)], default=1.0) or 1.0
    head = [html.Th("Group"), html.Th("", className="bars"), html.Th("Value", className="right"),
            html.Th("95 % interval", className="right"), html.Th("Reference", className="right"),
            html.Th("Change", className="right"), html.Th("Rows", className="right")]  # fmt: skip
    rows = [_row(one, past, most) for one, past in zip(found, before, strict=True)]
    return scroll(html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="plain"), "Groups")


def _row(one: GroupRate, before: float | None, most: float) -> html.Tr:
    if one.state == "suppressed":
        cells = [html.Td(one.title), html.Td("too few rows to be shown", colSpan=6, className="muted")]
        return html.Tr(cells)
    width = 0 if one.value is None else 100 * abs(one.value) / most
    then = None if before is None else html.Span(className="bar-then", style={"left": f"{100 * before / most:.1f}%"})
    bar = html.Div([html.Span(className="bar-now", style={"width": f"{width:.1f}%"}), then], className="bar-track")
    interval = "–" if one.low is None else f"{digits(one.low)} to {digits(one.high)}"
    moved = None if one.value is None or before is None else one.value - before
    small = html.Span("small", className="tag", title="stays out of the disparities") if one.state == "small" else None
    return html.Tr(
        [
            html.Td([one.title, " ", small], className="nowrap"),
            html.Td(bar, className="bars"),
            html.Td(digits(one.value), className="right strong"),
            html.Td(interval, className="right muted nowrap"),
            html.Td(digits(before), className="right muted"),
            html.Td(change(moved, 2), className="right"),
            html.Td(count(one.n), className="right muted"),
        ]
    )
