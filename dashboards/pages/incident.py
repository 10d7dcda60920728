"""One incident on one screen: whether it is real, what it is, whether it can wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import Input, dcc, html

from dashboards.asking import Asked, link
from dashboards.incident import form, trial
from dashboards.incident.acting import seen
from dashboards.incident.evidence import evidence, related
from dashboards.incident.head import head
from dashboards.incident.timeline import notices, timeline
from dashboards.part import part
from monitor.service.incident_story import Story, story

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
        html.Div(_body(found, asked), id="incident", className="stack"),
        *([tried] if tried is not None else []),
        *form.form(),
    ]


def register(app: Dash) -> None:
    """Hang the callbacks in."""
    part(app, PATH, "incident", draw, Input("acted", "data"))
    form.register(app, PATH)
    trial.register(app, PATH)


def draw(asked: Asked, _acted: int | None = None) -> Any:
    """Return what is known of the incident, as it is now."""
    return _body(_story(asked), asked)


def _story(asked: Asked) -> Story:
    asked.demand("read")
    with asked.store.read() as conn:
        number = seen(asked, conn, asked.path.get("number", "")).id
    return story(asked.config, asked.store, number)


def _body(found: Story, asked: Asked) -> list[Any]:
    return [
        dcc.Store(id="seen-version", data=found.seen.incident.version),
        head(found, asked),
        evidence(found),
        html.Div(
            [timeline(found), html.Div([notices(found), related(found, asked)], className="stack")], className="two"
        ),
    ]
