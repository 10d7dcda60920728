"""The tab drift: every column over time, and the one that is looked at: its distribution, evidence and history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html

from dashboards.components.blank import empty
from dashboards.components.card import card
from dashboards.components.chart import chart
from dashboards.components.control import control
from dashboards.components.number import plural
from dashboards.figures.heatmap import heatmap
from dashboards.subject import Subject
from dashboards.tabs.column import column
from monitor.service.view.drift import MOST_COLUMNS, Heat, Mover, heat, movers

TITLE = "Drift"
DETAIL = ("column", "window", "class")
"""What in the address concerns the column looked at alone: the rest is not drawn anew for it."""


def draw(subject: Subject) -> Any:
    """Return the tab."""
    found = ranked(subject)
    if not found:
        return empty("No column is compared with a reference here.", _why(subject))
    return html.Div([_overview(subject, found), html.Div(detail(subject), id="drift-detail")], className="stack")


def detail(subject: Subject) -> Any:
    """Return the part about the column looked at."""
    found = ranked(subject)
    chosen = looked_at(subject, found)
    return column(subject, chosen, heated(subject)) if chosen is not None else None


def ranked(subject: Subject) -> Sequence[Mover]:
    """Return every column, those that need care first."""

    def make() -> Sequence[Mover]:
        with subject.store.read() as conn:
            return movers(conn, subject.past, subject.seen.bearings, subject.rules, subject.model.importance)

    return subject.seen.once("movers", make)


def heated(subject: Subject) -> Heat:
    """Return the drift over the whole range of the first columns, of all when they are asked for."""
    everything = subject.asked.query.get("columns") == "all"

    def make() -> Heat:
        found, other = ranked(subject), subject.seen.known.get(("heat", not everything))
        with subject.store.read() as conn:
            return heat(conn, subject.past, found if everything else found[:MOST_COLUMNS], other)

    return subject.seen.once(("heat", everything), make)


def looked_at(subject: Subject, found: Sequence[Mover]) -> Mover | None:
    """Return the column asked for, by default the first."""
    name, label = subject.asked.query.get("column"), subject.asked.query.get("class") or None
    same = [one for one in found if one.name == name]
    return next((one for one in same if one.label == label), same[0] if same else found[0] if found else None)


def _overview(subject: Subject, found: Sequence[Mover]) -> Any:
    drawn = heated(subject)
    firing = {one.name for one in found if one.severity}  # the classes of a score are one column
    every = plural(len({one.name for one in found}), "column")
    words = f"{len(firing)} of {every} in alarm" if firing else "no column in alarm"
    figure = heatmap(subject.scene, drawn, subject.look)
    more = None
    if len(found) > MOST_COLUMNS:
        data = [{"value": "", "label": f"first {MOST_COLUMNS}"}, {"value": "all", "label": f"all {len(found)}"}]
        more = control(dmc.SegmentedControl, "columns", subject.asked.query, data=data, size="xs",
                       **{"aria-label": "Columns shown"})  # fmt: skip
    across = "" if drawn.per_cell == 1 else f" A cell is the farthest of {drawn.per_cell} windows."
    importance = " by importance" if subject.model.importance else ""
    note = (
        f"Ranked by alarm, then by effect{importance} in the newest window, which stands at the right. Outlined: "
        f"beyond the limit in size; bold: in alarm, so beyond chance and ordinary life too.{across} Click a cell."
    )
    return card(
        chart(figure, f"Drift of {len(drawn.movers)} columns over time: {words}", name="drift", linked=True),
        html.P(note, className="note"),
        heading=f"Columns over time: {words}",
        aside=more,
    )


def _why(subject: Subject) -> str:
    if subject.lens.version and subject.lens.segment:
        return "Versions inside segments are not measured: choose one of the two."
    if subject.lens.segment:
        return "Drift is measured inside the attributes under segments: in monitor.yaml."
    reasons = "Columns are those under features: in monitor.yaml, the prediction and the score."
    return f"{reasons} Windows are compared once the reference is there."
