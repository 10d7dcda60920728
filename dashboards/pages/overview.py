"""The overview: which model needs care, and why, in ten seconds."""

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
from dashboards.components.instant import instant
from dashboards.components.model_card import model_card
from dashboards.components.model_table import model_table
from dashboards.components.number import plural
from dashboards.components.state import tone
from dashboards.components.tools import Pile, strip, tools
from dashboards.components.verdict import PILES, against, pile, urgency
from dashboards.kept import kept
from dashboards.part import part
from monitor.service.view.standing import Standing, standings
from monitor.service.view.trend import Point, trends

if TYPE_CHECKING:
    from dash import Dash

PATH = "/"
SORTS = [
    {"value": "severity", "label": "Gravest first"},
    {"value": "name", "label": "Name"},
    {"value": "drift", "label": "Most columns drifted"},
    {"value": "change", "label": "Largest loss"},
    {"value": "fresh", "label": "Oldest first"},
]
VIEWS = [{"value": "grid", "label": "Cards"}, {"value": "table", "label": "Table"}]
MOST_CARDS = 60  # more cards than that are a wall: the rest is a click away
TONES = {"care": "critical", "unknown": "unknown", "learning": "learning", "ok": "ok"}


def title(_asked: Asked) -> list[tuple[str, str | None]]:
    """Return the breadcrumb."""
    return [("Overview", None)]


def layout(asked: Asked) -> Any:
    """Return the page, its models drawn already."""
    return [
        html.H1("Overview", className="out"),
        tools(
            asked.query, "Search models",
            control(dmc.Select, "sort", asked.query, default="severity", data=SORTS, size="sm", w=190,
                    allowDeselect=False, **aria(label="Sort")),
            control(dmc.SegmentedControl, "view", asked.query, default="grid", data=VIEWS, size="sm",
                    **aria(label="Cards or table")),
        ),
        html.Div(draw(asked), id="overview"),
    ]  # fmt: skip


def register(app: Dash) -> None:
    """Hang the callbacks in."""
    part(app, PATH, "overview", draw)


def draw(asked: Asked) -> Any:
    """Return the counts and the models that the address asks for."""
    asked.demand("read")
    names = tuple(asked.visible())
    everything = kept(asked, ("standings", names), lambda: standings(asked.backend, names))
    if not everything:
        return empty("No model is monitored yet.", "Name one under models: in monitor.yaml, then apply it.")
    searched = [one for one in everything if asked.query.get("q", "").casefold() in one.model.casefold()]
    chosen = _sorted([one for one in searched if asked.query.get("state") in (None, "", pile(one))], asked.query)
    wanted = {one.model: one.performance.measurement.metric for one in chosen if one.performance is not None}
    table = asked.query.get("view") == "table"
    drawn = wanted if table else dict(list(wanted.items())[:MOST_CARDS])
    lines = kept(asked, ("trends", tuple(drawn.items())), lambda: trends(asked.store, drawn))
    if not chosen:
        nothing = empty("No model fits.", "Search for less, or choose another state.", glyph="search")
        return [_strip(searched, asked.query), nothing]
    body = model_table(chosen, lines, asked.now) if table else _cards(chosen, lines, asked)
    return [_strip(searched, asked.query), *_note(asked), body]


def _note(asked: Asked) -> list[Any]:
    """Return what is to be known of all this: that it is a demo, and which day it has there."""
    note = asked.backend.note
    return (
        [html.P([note, " Now ", instant(asked.now), "."], className="muted small", style={"margin": "0 0 8px"})]
        if note
        else []
    )


def _sorted(found: Sequence[Standing], query: Mapping[str, str]) -> list[Standing]:
    by = query.get("sort", "severity")
    ways: dict[str, Any] = {
        "name": lambda one: one.model.casefold(),
        "drift": lambda one: -one.features.beyond,
        "change": lambda one: -abs(against(one.performance) or 0.0),
        "fresh": lambda one: one.window.end.timestamp() if one.window else 0.0,
    }
    return sorted(found, key=lambda one: (ways.get(by, urgency)(one), one.model.casefold()))


def _strip(found: Sequence[Standing], query: Mapping[str, str]) -> html.Nav:
    """Return how many models are in each pile; each is a link that shows those alone."""
    numbers = Counter(pile(one) for one in found)
    piles = [Pile("", "All", len(found), tone_of(""))]
    piles += [
        Pile(name, "OK" if name == "ok" else word.capitalize(), numbers[name], tone_of(name))
        for name, word in PILES.items()
    ]
    return strip(piles, query, words="Models by state")


def tone_of(name: str) -> str:
    """Return the tone of a pile."""
    return TONES.get(name, tone(name)) if name else "all"


def _cards(chosen: Sequence[Standing], lines: Mapping[str, Sequence[Point]], asked: Asked) -> html.Div:
    shown = chosen[:MOST_CARDS]
    cards = [model_card(one, lines.get(one.model, ()), asked.now) for one in shown]
    left = len(chosen) - len(shown)
    more = []
    if left:
        query: dict[str, str | None] = {**asked.query, "view": "table"}
        more = [dcc.Link(f"{plural(left, 'more model')} in the table", href=link(**query), className="button more")]
    return html.Div([html.Div(cards, className="models"), *more], className="stack")
