"""One incident on one screen: whether it is real, what it is, whether it can wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import ClientsideFunction, Input, Output, dcc, html

from dashboards.asking import Asked, link
from dashboards.figures.canvas import Look
from dashboards.incident import form, trial
from dashboards.incident.acting import seen
from dashboards.incident.course import course
from dashboards.incident.evidence import evidence, related
from dashboards.incident.head import head
from dashboards.incident.timeline import notices, timeline
from dashboards.part import part
from dashboards.shell import SCHEME
from monitor.service.oncall.story import Story, story

if TYPE_CHECKING:
    from dash import Dash

PATH = "/incidents/{number}"


def title(asked: Asked) -> list[tuple[str, str | None]]:
    """Return the breadcrumb."""
    found = _story(asked)
    words = f"{found.seen.incident.model} · {found.seen.id[4:12]}"
    return [("Incidents", link("incidents")), (words, None)]


def layout(asked: Asked) -> Any:
    """Return the page."""
    found = _story(asked)
    tried = trial.trial(found, asked)
    return [
        dcc.Store(id="acted"),
        dcc.Store(id="incident-narrow"),
        html.Div(_head(found, asked), id="incident", className="stack"),
        html.Div(id="incident-course"),
        html.Div(_body(found, asked), id="incident-body", className="stack"),
        *([tried] if tried is not None else []),
        *form.form(),
    ]


def register(app: Dash) -> None:
    """Hang the callbacks in."""
    acted = Input("acted", "data")
    part(app, PATH, "incident", draw_head, acted)
    part(app, PATH, "incident-body", draw_body, acted)
    part(app, PATH, "incident-course", draw_course, SCHEME, Input("incident-narrow", "data"), initial=True)
    browser: Any = app.clientside_callback
    browser(ClientsideFunction("frame", "narrow"), Output("incident-narrow", "data"), Input("incident-course", "id"))
    form.register(app, PATH)
    trial.register(app, PATH)


def draw_head(asked: Asked, _acted: int | None = None) -> Any:
    """Return what the incident is and what can be done now."""
    return _head(_story(asked), asked)


def draw_body(asked: Asked, _acted: int | None = None) -> Any:
    """Return what it rests on and what happened."""
    return _body(_story(asked), asked)


def draw_course(asked: Asked, scheme: str | None, narrow: int | None) -> Any:
    """Return the gravest finding over time."""
    return course(_story(asked), asked, Look(scheme, bool(narrow), asked.zone))


def _story(asked: Asked) -> Story:
    asked.demand("read")
    with asked.store.read() as conn:
        number = seen(asked, conn, asked.path.get("number", "")).id
    return story(asked.config, asked.store, number)


def _head(found: Story, asked: Asked) -> list[Any]:
    return [dcc.Store(id="seen-version", data=found.seen.incident.version), head(found, asked)]


def _body(found: Story, asked: Asked) -> list[Any]:
    return [
        evidence(found),
        html.Div(
            [timeline(found), html.Div([notices(found), related(found, asked)], className="stack")], className="two"
        ),
    ]
