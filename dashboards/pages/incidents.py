"""The incidents: what is open, who looks after it, and what there was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import dcc, html

from dashboards.asking import Asked, link
from dashboards.components.aria import aria
from dashboards.components.blank import empty
from dashboards.components.control import control
from dashboards.components.icon import icon
from dashboards.components.instant import instant, length
from dashboards.components.number import plural
from dashboards.components.state import badge
from dashboards.components.tools import Pile, strip, tools
from dashboards.components.words import worded
from dashboards.part import part
from monitor.service.oncall.incidents import Seen, listed
from monitor.service.oncall.words import about

if TYPE_CHECKING:
    from dash import Dash

PATH = "/incidents"
MOST = 200
STATES = (("", "Open"), ("acknowledged", "Looked after"), ("resolved", "Resolved"), ("all", "All"))
SEVERITIES = [
    {"value": "", "label": "Any severity"},
    {"value": "critical", "label": "Critical"},
    {"value": "warning", "label": "Warning"},
    {"value": "info", "label": "Info"},
]


def title(_asked: Asked) -> list[tuple[str, str | None]]:
    """Return the breadcrumb."""
    return [("Incidents", None)]


def layout(asked: Asked) -> Any:
    """Return the page, its incidents drawn already."""
    models = [{"value": "", "label": "Any model"}, *({"value": name, "label": name} for name in asked.visible())]
    return [
        html.H1("Incidents", className="out"),
        tools(
            asked.query, "Search incidents",
            control(dmc.Select, "model", asked.query, data=models, size="sm", w=190, searchable=True,
                    allowDeselect=False, **aria(label="Model")),
            control(dmc.Select, "severity", asked.query, data=SEVERITIES, size="sm", w=150, allowDeselect=False,
                    **aria(label="Severity")),
        ),
        html.Div(draw(asked), id="incidents"),
    ]  # fmt: skip


def register(app: Dash) -> None:
    """Hang the callbacks in."""
    part(app, PATH, "incidents", draw)


def draw(asked: Asked) -> Any:
    """Return the counts and the incidents that the address asks for."""
    asked.demand("read")
    names = set(asked.visible())
    everything = [one for one in listed(asked.config, asked.store, resolved=True) if one.incident.model in names]
    fitting = [one for one in everything if _fits(one, asked.query)]
    chosen = asked.query.get("state", "")
    shown = [one for one in fitting if _in(one, chosen)]
    strip = _strip(fitting, asked.query)
    if not everything:
        return [
            strip,
            empty(
                "There has been no incident.", "One opens when a rule's limit is broken for long enough.", glyph="check"
            ),
        ]
    if not shown:
        hint = "Choose another state, or search for less."
        return [strip, empty("No incident is open." if not chosen else "No incident fits.", hint, glyph="check")]
    rows = [_row(one, asked) for one in shown[:MOST]]
    left = len(shown) - len(rows)
    more = (
        [html.P(f"{plural(left, 'older one')} not shown: search, or choose a model.", className="muted")]
        if left
        else []
    )
    return [strip, html.Ul(rows, className="incidents"), *more]


def _in(one: Seen, state: str) -> bool:
    if state == "all":
        return True
    return one.incident.state == state if state else one.incident.open


def _fits(one: Seen, query: Mapping[str, str]) -> bool:
    incident, text = one.incident, query.get("q", "").casefold()
    if query.get("model") and incident.model != query["model"]:
        return False
    if query.get("severity") and incident.severity != query["severity"]:
        return False
    return not text or text in f"{incident.model} {about(one)} {worded(about(one))} {one.id}".casefold()


def _strip(found: Sequence[Seen], query: Mapping[str, str]) -> html.Nav:
    numbers = Counter(name for one in found for name, _ in STATES if _in(one, name))
    tones = {"": "critical", "all": "all"}
    piles = [Pile(name, word, numbers[name], tones.get(name, "unknown")) for name, word in STATES]
    return strip(piles, query, "incidents", words="Incidents by state")


def _row(one: Seen, asked: Asked) -> html.Li:
    incident = one.incident
    state = incident.severity if incident.open else "resolved"
    head = dcc.Link(
        [html.Span(incident.model, className="strong"), html.Span(f"  {worded(about(one))}", className="muted")],
        href=link("incidents", one.id), className="cover cut",
    )  # fmt: skip
    return html.Li(
        [
            html.Div(badge(state, state.capitalize()), className="incident-badge"),
            html.Div([head, html.Div(_line(one), className="incident-line small muted")], className="incident-main"),
            html.Div(
                [instant(incident.opened_at), html.Div(_lasted(one, asked), className="small muted")],
                className="incident-when",
            ),
        ],
        className="incident" + ("" if incident.open else " done"),
        key=one.id,
    )


def _line(one: Seen) -> list[Any]:
    incident = one.incident
    said: list[Any] = [html.Span(plural(len(one.by_kind), "finding"))]
    if incident.columns:
        said.append(html.Span(plural(len(incident.columns), "column")))
    if incident.reopen_count:
        said.append(html.Span(f"opened {incident.reopen_count + 1} times"))
    if incident.acknowledgement is not None:
        who = f"{incident.acknowledgement.actor} looks after it"
        said.append(html.Span([icon("acknowledged", size=13), who], className="row tight text-learning"))
    if one.silenced:
        said.append(html.Span([icon("silenced", size=13), "silenced"], className="row tight"))
    if incident.resolved_by:
        said.append(html.Span(f"resolved by {incident.resolved_by}"))
    return said


def _lasted(one: Seen, asked: Asked) -> str:
    incident = one.incident
    until = incident.resolved_at or asked.now
    return f"{'lasted' if incident.resolved_at else 'open for'} {length(until - incident.opened_at)}"
