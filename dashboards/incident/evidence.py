"""What an incident rests on: every finding with its value, its limit and its chance, and what belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from dashboards.asking import Asked, link
from dashboards.components.card import card
from dashboards.components.instant import instant
from dashboards.components.metric_name import label, measured, metric_name
from dashboards.components.number import count, digits, plural
from dashboards.components.state import badge
from dashboards.components.table import table
from dashboards.components.words import worded
from monitor.alerts.member import Member
from monitor.domain.measurement import Group
from monitor.service.oncall.incidents import listed
from monitor.service.oncall.story import Story
from monitor.service.oncall.words import ABOUT, about

MOST = 30
OWN = ("metric", "column", "version", "kind")
CALM = {
    "recovering": ("resolved", "recovering"),
    "inactive": ("resolved", "well again"),
    "pending": ("resolved", "well again"),
}
TITLES = ("What", "Now", "Value", "Limit", "p", "Rows", "Last window")
EARLIER = 6


def evidence(found: Story) -> html.Section:
    """Return the table of findings, the gravest first."""
    members = distinct(found.seen.by_kind)
    rows = [_row(one, found.seen.incident.model) for one in members[:MOST]]
    more = (
        [html.P(f"{plural(len(members) - MOST, 'more finding')}; the command line has all.", className="muted small")]
        if len(members) > MOST
        else []
    )
    well = len(found.seen.members) - len(found.seen.by_kind)
    aside = html.Span(f"{plural(well, 'other')} well again", className="muted small") if well else None
    shown = table(TITLES, rows, right=("Value", "Limit", "p", "Rows"), name="Evidence")
    return card(shown, *more, heading="Evidence", aside=aside)


def related(found: Story, asked: Asked) -> html.Section:
    """Return where to look next: the model's pages, and earlier incidents of the same columns."""
    model, columns = found.seen.incident.model, set(found.seen.incident.columns)
    tabs = (("Performance", "performance"), ("Drift", "drift"), ("Data quality", "quality"), ("Runs", "runs"))
    links = [dcc.Link(word, href=link("models", model, tab=tab), className="button") for word, tab in tabs]
    links.append(dcc.Link("Explore", href=link("explore", model=model), className="button"))
    before = [one for one in listed(asked.config, asked.store, [model], resolved=True) if one.id != found.seen.id]
    before.sort(key=lambda one: (-len(columns & set(one.incident.columns)), -one.incident.opened_at.timestamp()))
    rows = [
        html.Li(
            [badge(one.incident.severity if one.incident.open else "resolved", one.incident.state),
             dcc.Link(worded(about(one)), href=link("incidents", one.id), className="plain cut"),
             instant(one.incident.opened_at, "day")]
        )
        for one in before[:EARLIER]
    ]  # fmt: skip
    earlier = (
        html.Ul(rows, className="supposed")
        if rows
        else html.P("It is the model's first incident.", className="muted small")
    )
    return card(
        html.Div(links, className="row"),
        html.H3("Earlier incidents", style={"marginTop": 16}),
        earlier,
        heading="Related",
    )


def distinct(found: Sequence[tuple[str, Member]]) -> list[Member]:
    """Return the findings, of those about one thing the gravest alone: rules often have a step for each gravity."""
    kept: dict[tuple[tuple[str, str | None], ...], Member] = {}
    for _, one in found:
        kept.setdefault(tuple(sorted(one.labels.items())), one)
    return list(kept.values())


def subject(one: Member) -> list[Any]:
    """Return what a finding is about: its metric, which explains itself, its column, its rows."""
    labels = one.labels
    metric = labels.get("metric") or ""
    kind = labels.get("kind") or ""
    name: Any = ABOUT[metric or kind] if (metric or kind) in ABOUT else metric_name(metric) if metric else one.rule
    said: list[Any] = [name]
    if labels.get("column"):
        said += [" of ", html.Code(labels["column"])]
    rows: Group = {key.removeprefix("group:"): value for key, value in labels.items() if key not in OWN}
    if labels.get("version") is not None:
        rows = {"version": labels["version"], **rows}
    if rows:
        words = ", ".join(f"{key} = {'missing' if value is None else value}" for key, value in rows.items())
        said.append(html.Div(words, className="small muted"))
    return said


def _row(one: Member, model: str) -> list[Any]:
    found = one.evidence
    state, word = ("warning", "unsteady") if one.flapping else CALM.get(one.phase, (one.severity, one.severity))
    metric, column = one.labels.get("metric"), one.labels.get("column")
    way = link("explore", model=model, metric=metric, column=column) if metric else link("models", model)
    window = dcc.Link(
        instant(one.last_breach.start), href=way, className="plain", title=f"{label(metric or '')} over time"
    )
    return [
        html.Div(subject(one), className="what"),
        badge(state, word),
        measured(metric or "", found.value if found else None),
        digits(found.limit if found else None),
        measured("drift_pvalue", found.chance if found else None),
        count(found.n if found else None),
        window,
    ]
