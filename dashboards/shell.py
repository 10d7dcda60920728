"""The frame around every page: the rail, the top bar, and what keeps the page in step with the store."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Input, State, dcc, html

from dashboards.asking import link
from dashboards.components.aria import aria
from dashboards.components.icon import icon
from dashboards.theme import MANTINE
from monitor.domain.principal import NOBODY, Principal

PULSE = 10_000  # milliseconds between two looks at the version of the store

SEARCH = Input("url", "search")
"""What stands in the address: parts of a page that depend on it take this."""
PATHNAME = State("url", "pathname")
VERSION = Input("version", "data")
"""The version of the store: what shows its contents takes this, and is drawn anew when something was stored."""
SCHEME = Input("scheme-now", "data")
"""``light`` or ``dark``: charts take this and give it to ``theme.template``."""

RAIL = (("overview", "Overview", ()), ("incidents", "Incidents", ("incidents",)), ("explore", "Explore", ("explore",)))
KEYS = (
    (("/",), "search"),
    (("g", "o"), "overview"),
    (("g", "i"), "incidents"),
    (("g", "e"), "explore"),
    (("?",), "these keys"),
    (("Esc",), "close"),
)


def shell() -> Any:
    """Return the frame; it holds no data, so anybody may have it."""
    return dmc.MantineProvider(
        [
            dcc.Location(id="url", refresh=False),
            dcc.Store(id="version"),
            dcc.Store(id="name"),
            dcc.Store(id="kept"),
            dcc.Store(id="scheme-now"),
            dcc.Interval(id="pulse", interval=PULSE),
            html.A("Skip to the content", href="#page", className="skip"),
            html.Div(
                [_rail(), html.Div([_bar(), html.Main(id="page", className="page", tabIndex=-1)], className="stage")],
                className="shell",
            ),
            _help(),
        ],
        theme=MANTINE,
        defaultColorScheme="auto",
    )


def rail(here: str, open_incidents: int) -> list[Any]:
    """Return the links of the rail.

    Parameters
    ----------
    here : str
        The name of the one that leads to this page.
    open_incidents : int
        How many incidents are open; none is shown for 0.
    """
    return [_rail_link(name, words, parts, here, open_incidents) for name, words, parts in RAIL]


def crumbs(words: list[tuple[str, str | None]]) -> html.Nav:
    """Return the breadcrumb."""
    items = []
    for place, (word, href) in enumerate(words):
        text = (
            dcc.Link(word, href=href, className="cut")
            if href
            else html.Span(word, className="cut", **aria(current="page"))
        )
        items.append(html.Li([*([icon("chevron")] if place else []), text]))
    return html.Nav(html.Ol(items, className="crumbs"), **aria(label="Breadcrumb"))


def who(principal: Principal) -> list[Any]:
    """Return who looks, and the way out for those who came in by a login."""
    if principal is NOBODY:
        return ["not signed in"]
    kind, _, name = principal.name.partition(" ")
    out = [" · ", html.A("Log out", href="/logout")] if kind == "user" else []
    return [f"signed in as {name or kind}", *out]


def _rail_link(name: str, words: str, parts: tuple[str, ...], here: str, number: int) -> dcc.Link:
    children: list[Any] = [icon(name), html.Span(words)]
    if name == "incidents" and number:
        children.append(html.Span(str(number), className="rail-count", title=f"{number} open"))
    return dcc.Link(
        children,
        href=link(*parts),
        id=f"rail-{name}",
        className="rail-link" + (" here" if name == here else ""),
        title=words,
    )


def _rail() -> html.Nav:
    fold = html.Button(
        [icon("fold"), html.Span("Fold")],
        id="fold",
        className="rail-link ghost-link",
        title="Fold the rail",
        n_clicks=0,
    )
    return html.Nav(
        [
            html.Div([html.Span(className="brand-mark"), html.Span("Model Monitor")], className="brand"),
            html.Div(rail("", 0), id="rail", style={"display": "contents"}),
            html.Div([html.Div(id="who", className="who cut"), fold], className="rail-foot"),
        ],
        className="rail",
        **aria(label="Pages"),
    )


def _bar() -> html.Header:
    keys = html.Button(
        icon("keyboard"), id="help-open", className="ghost hide-small", title="Keys", n_clicks=0, **aria(label="Keys")
    )
    scheme = dmc.ColorSchemeToggle(
        id="scheme",
        lightIcon=icon("sun"),
        darkIcon=icon("moon"),
        variant="subtle",
        color="gray",
        size=32,
        **aria(label="Light or dark"),
    )
    return html.Header(
        [
            html.Div(id="crumbs", style={"minWidth": 0}),
            html.Div([html.Span(id="fresh", className="fresh"), keys, scheme], className="bar-end"),
        ],
        className="bar",
    )


def _help() -> dmc.Modal:
    rows = [
        html.Tr([html.Td(html.Div([html.Kbd(key) for key in keys], className="row")), html.Td(what)])
        for keys, what in KEYS
    ]
    return dmc.Modal(
        html.Table(html.Tbody(rows), className="plain"),
        id="help",
        title="Keys",
        centered=True,
        size="xs",
        closeButtonProps={"aria-label": "Close"},
    )
