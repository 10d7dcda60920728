"""The page of one model: its verdict, and a tab for everything that is known of it."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import ALL, ClientsideFunction, Input, Output, State, ctx, dcc, html, no_update

from dashboards.asking import Asked, asked, link
from dashboards.components.blank import empty, fault, skeleton
from dashboards.components.chart import CHART
from dashboards.components.control import control
from dashboards.figures.canvas import Look
from dashboards.heading import heading
from dashboards.incident.acting import Wish, act
from dashboards.page import matched
from dashboards.part import part
from dashboards.pickers import pickers
from dashboards.shell import PATHNAME, SCHEME, SEARCH, VERSION
from dashboards.subject import Subject, instant_of, subject
from dashboards.tabs import drift, fairness, operations, performance, quality, report, windows
from monitor.alerts.acknowledge import StaleVersionError
from monitor.errors import MonitorError
from monitor.service.view.pulse import pulse

if TYPE_CHECKING:
    from dash import Dash

PATH = "/models/{model}"
TABS: dict[str, Any] = {
    "performance": performance, "drift": drift, "fairness": fairness, "quality": quality, "operations": operations,
    "runs": windows, "report": report,
}  # fmt: skip
FIRST = "performance"
NARROW = Input("narrow", "data")


def title(asked: Asked) -> list[tuple[str, str | None]]:
    """Return the breadcrumb."""
    return [("Overview", link()), (asked.path["model"], None)]


def layout(asked: Asked) -> Any:
    """Return the page: its heading at once, the tab that is open after it."""
    one = subject(asked)
    strip = dmc.TabsList([dmc.TabsTab(tab.TITLE, value=name) for name, tab in TABS.items()], className="tab-strip")
    panels = [
        dmc.TabsPanel(html.Div(skeleton(2, 240), id=f"panel-{name}"), value=name, className="tab-panel")
        for name in TABS
    ]
    return [
        html.Div(heading(one), id="model-heading"),
        html.Div(pickers(one), id="model-pickers"),
        control(dmc.Tabs, "tab", asked.query, default=FIRST, children=[strip, *panels], keepMounted=True),
        dcc.Store(id="drawn"),
        dcc.Store(id="narrow"),
    ]


def register(app: Dash) -> None:
    """Hang the callbacks in."""
    part(app, PATH, "model-heading", lambda question: heading(subject(question)))
    app.callback(
        *(Output(f"panel-{name}", "children") for name in TABS), Output("drawn", "data"),
        SEARCH, VERSION, SCHEME, NARROW, PATHNAME, State("drawn", "data"),
    )(draw)  # fmt: skip
    app.callback(Output("drift-detail", "children"), SEARCH, SCHEME, NARROW, PATHNAME, prevent_initial_call=True)(
        draw_detail
    )
    app.callback(
        Output("url", "search", allow_duplicate=True), Input({"type": CHART, "name": ALL}, "clickData"),
        State("url", "search"), PATHNAME, prevent_initial_call=True,
    )(point)  # fmt: skip
    app.callback(
        Output("model-said", "children"), Output("version", "data", allow_duplicate=True),
        Input("model-ack", "n_clicks"), State("model-ack", "value"), PATHNAME, prevent_initial_call=True,
    )(take)  # fmt: skip
    app.callback(
        Output(report.MADE, "data"), Output(report.SAID, "children"),
        Input(report.MAKE, "n_clicks"), State(report.MAKE, "value"), PATHNAME, prevent_initial_call=True,
        running=[(Output(report.MAKE, "disabled"), True, False),
                 (Output(report.MAKE, "children"), "Making the report …", "Make the report")],
    )(make_report)  # fmt: skip
    browser: Any = app.clientside_callback
    browser(ClientsideFunction("frame", "narrow"), Output("narrow", "data"), Input("drawn", "id"))


def draw(
    search: str | None,
    _version: str | None,
    scheme: str | None,
    narrow: int | None,
    pathname: str | None,
    drawn: str | None,
) -> Any:
    """Return the open tab, and nothing for the others; nothing at all when it stands there already."""
    nothing = [no_update] * len(TABS)
    parts = matched(PATH, pathname)
    if parts is None:
        return [*nothing, no_update]
    question = asked(parts, search)
    name = question.query.get("tab", FIRST)
    name = name if name in TABS else FIRST
    try:
        one = subject(question, Look(scheme, bool(narrow), question.zone))
    except MonitorError as error:
        return [fault(error) if other == name else no_update for other in TABS] + [""]
    now = _signature(one, name)
    if now == drawn:
        return [*nothing, no_update]
    return [_drawn(one, name) if other == name else no_update for other in TABS] + [now]


def draw_detail(search: str | None, scheme: str | None, narrow: int | None, pathname: str | None) -> Any:
    """Return the column that the address asks for."""
    parts = matched(PATH, pathname)
    if parts is None:
        return no_update
    try:
        question = asked(parts, search)
        one = subject(question, Look(scheme, bool(narrow), question.zone))
        return drift.detail(one) if one.sight is not None else no_update
    except MonitorError as error:
        return fault(error)


def point(_clicked: list[Any], search: str | None, pathname: str | None) -> Any:
    """Put the window, and the column, that was clicked on into the address."""
    clicked = ctx.triggered[0]["value"] if ctx.triggered else None
    if matched(PATH, pathname) is None or not clicked or not clicked.get("points"):
        return no_update
    at, question = clicked["points"][0], asked(None, search)
    found = dict(question.query) | {"window": _clicked_at(str(at.get("x", "")), question)}
    if ctx.triggered_id and ctx.triggered_id["name"] == "drift":
        found = {key: text for key, text in found.items() if key not in ("column", "class")}
        found |= _named(asked(matched(PATH, pathname) or {}, search), at.get("y"))
    return f"?{urlencode(found)}"


def _clicked_at(x: str, question: Asked) -> str:
    """Return a place in a chart, drawn by the clocks of whoever looks, as an address names instants."""
    at = instant_of(x[:19])
    try:
        return "" if at is None else f"{at.replace(tzinfo=question.zone).astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
    except OverflowError:
        return ""


def _named(question: Asked, row: Any) -> dict[str, str]:
    """Return the column in a row of the heatmap as the address names it."""
    try:
        one = subject(question)
        shown = drift.heated(one).movers if one.sight is not None else ()
    except MonitorError:
        return {}
    if not isinstance(row, int) or not 0 <= row < len(shown):
        return {}
    return {"column": shown[row].name} | ({"class": shown[row].label or ""} if shown[row].label else {})


def take(clicks: int | None, value: str | None, pathname: str | None) -> Any:
    """Acknowledge the incident in the name of whoever asks, if nobody has changed it since it was shown."""
    parts = matched(PATH, pathname)
    if not clicks or parts is None or not value:
        return no_update, no_update
    question = asked(parts)
    number, _, version = value.partition("@")
    wish = Wish(
        "acknowledge",
        number,
        "taken on from the page of its model",
        None,
        int(version) if version.isdecimal() and len(version) < 10 else None,
    )
    try:
        act(question, wish)
    except StaleVersionError:
        return "It has changed meanwhile.", pulse(question.store, question.now)
    except MonitorError as error:
        return error.message, no_update
    return "", pulse(question.store, question.now)


def make_report(clicks: int | None, window: str | None, pathname: str | None) -> Any:
    """Return the report of a window as a file to be kept."""
    parts, at = matched(PATH, pathname), instant_of(window)
    if not clicks or parts is None or at is None:
        return no_update, no_update
    question = asked(parts)
    try:
        question.demand("read", parts["model"])
        name, content = report.make(question.config, parts["model"], at)
    except MonitorError as error:
        return no_update, f"{error.message} {error.hint or ''}".strip()
    text = b64encode(content).decode("ascii")
    return {"content": text, "filename": name, "type": "text/html", "base64": True}, f"{len(content) / 1e6:.1f} MB"


def _drawn(one: Subject, name: str) -> Any:
    if one.sight is None:
        return empty("No window within this range.", "Choose a longer one, or wait for the first window.")
    try:
        return TABS[name].draw(one)
    except MonitorError as error:
        return fault(error)


def _signature(one: Subject, name: str) -> str:
    """Return what a tab depends on: as long as this stays the same it need not be drawn again."""
    apart = getattr(TABS[name], "DETAIL", ())
    query = sorted((key, value) for key, value in one.asked.query.items() if key not in apart)
    return json.dumps([one.model.name, name, query, one.version, one.look.scheme, one.look.narrow, one.sight is None])
