"""Explore: any window against any other, any stored number, and files to take away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import ClientsideFunction, Input, Output, State, dcc, html, no_update

from dashboards.asking import Asked, asked
from dashboards.components.blank import empty
from dashboards.components.card import card
from dashboards.explore import export
from dashboards.explore.choice import Choice, choice
from dashboards.explore.controls import controls
from dashboards.explore.line import line
from dashboards.explore.numbers import numbers, shapes, summary
from dashboards.figures.canvas import Look
from dashboards.part import part
from dashboards.shell import SCHEME
from monitor.errors import MonitorError
from monitor.service.view.contrast import Contrast, contrast
from monitor.service.view.pulse import pulse

if TYPE_CHECKING:
    from dash import Dash

PATH = "/explore"


def title(_asked: Asked) -> list[tuple[str, str | None]]:
    """Return the breadcrumb."""
    return [("Explore", None)]


def layout(_asked: Asked) -> Any:
    """Return the page: its parts follow, as they need to know the colour scheme."""
    return [
        html.H1("Explore", className="out"),
        dcc.Store(id="explore-narrow"),
        dcc.Download(id="explore-file"),
        dcc.Download(id="explore-numbers-file"),
        html.Div(id="explore", className="stack"),
    ]


def register(app: Dash) -> None:
    """Hang the callbacks in."""
    part(app, PATH, "explore", draw, SCHEME, Input("explore-narrow", "data"), initial=True)
    app.callback(
        Output("explore-file", "data"), Input("explore-csv", "n_clicks"), State("url", "search"),
        prevent_initial_call=True,
    )(take_series)  # fmt: skip
    app.callback(
        Output("explore-numbers-file", "data"), Input("explore-numbers-csv", "n_clicks"), State("url", "search"),
        prevent_initial_call=True,
    )(take_numbers)  # fmt: skip
    browser: Any = app.clientside_callback
    browser(ClientsideFunction("frame", "narrow"), Output("explore-narrow", "data"), Input("explore", "id"))
    browser(
        ClientsideFunction("frame", "picture"), Output("explore-png", "title"), Input("explore-png", "n_clicks"),
        prevent_initial_call=True,
    )  # fmt: skip
    browser(
        ClientsideFunction("frame", "copy"), Output("explore-copied", "children"), Input("explore-link", "n_clicks"),
        prevent_initial_call=True,
    )  # fmt: skip


def draw(question: Asked, scheme: str | None = None, narrow: int | None = None) -> Any:
    """Return the controls, the line over time, both windows, and every number of both."""
    question.demand("read")
    chosen, look = choice(question), Look(scheme, bool(narrow), question.zone)
    found = _found(chosen)
    known = found if isinstance(found, Contrast) else None
    drawn: list[Any] = [line(chosen, known, look)]
    drawn += [html.Div(summary(chosen, known), style={"marginTop": 12})] if known is not None else []
    body: list[Any] = [html.Div(controls(chosen), className="stack half"), card(*drawn)]
    if known is None:
        return [*body, empty(str(found), glyph="compare")]
    return [*body, *filter(None, [shapes(chosen, known, look)]), numbers(known)]


def take_series(clicks: int | None, search: str | None) -> Any:
    """Return the file with the line."""
    return _taken(clicks, search, lambda chosen: ("series", export.series(chosen)))


def take_numbers(clicks: int | None, search: str | None) -> Any:
    """Return the file with every number of both windows."""

    def made(chosen: Choice) -> tuple[str, str]:
        found = _found(chosen)
        return "windows", export.numbers(chosen.model.name, found) if isinstance(found, Contrast) else ""

    return _taken(clicks, search, made)


def _taken(clicks: int | None, search: str | None, made: Any) -> Any:
    if not clicks:
        return no_update
    question = asked(search=search)
    try:
        question.demand("read")
        kind, text = made(choice(question))
    except MonitorError:
        return no_update
    return {"content": text, "filename": f"{kind}.csv", "type": "text/csv"}


def _found(chosen: Choice) -> Contrast | str:
    if chosen.wrong is not None:
        return chosen.wrong
    stored = pulse(chosen.asked.store, chosen.asked.now).rpartition(".")[0]
    return contrast(chosen.asked.backend, chosen.model, chosen.ours, chosen.theirs, stored)
