"""The tools above a list: what searches it, what sorts it, and how many there are of each state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import dash_mantine_components as dmc
from dash import dcc, html

from dashboards.asking import link
from dashboards.components.aria import aria
from dashboards.components.control import control
from dashboards.components.icon import icon
from dashboards.components.number import count


class Pile(NamedTuple):
    """Those of one state: its name in the address, its word, how many, and the tone of the number."""

    name: str
    word: str
    number: int
    tone: str


def tools(query: Mapping[str, str], words: str, *controls: Any) -> html.Div:
    """Return a field that searches, called by ``words``, and other controls beside it."""
    search = control(
        dmc.TextInput, "q", query, placeholder=words, debounce=250, size="sm", leftSection=icon("search"),
        rightSection=html.Kbd("/"), **aria(label=words),
    )  # fmt: skip
    return html.Div([html.Div(search, className="search"), *controls], className="tools")


def strip(piles: Sequence[Pile], query: Mapping[str, str], *page: str, words: str) -> html.Nav:
    """Return how many are in each state, each a link to the page that shows those alone."""
    return html.Nav([_counted(one, query, page) for one in piles], className="strip", **aria(label=words))


def _counted(one: Pile, query: Mapping[str, str], page: Sequence[str]) -> dcc.Link:
    here = query.get("state", "") == one.name
    current: dict[str, Any] = aria(current="true") if here else {}
    number = html.Span(count(one.number), className=f"strip-number text-{one.tone if one.number else 'unknown'}")
    shown = html.Span([number, html.Span(one.word, className="strip-word")], className="strip-item", **current)
    asked_for: dict[str, str | None] = {**query, "state": one.name or None}
    return dcc.Link(shown, href=link(*page, **asked_for), className="strip-link" + (" here" if here else ""))
