"""A chart in a page: a figure with what it shows in words, for those who do not see it."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboards.components.aria import aria

CHART = "chart"
_CONFIG: Any = {"displayModeBar": False, "responsive": True, "doubleClick": "reset", "scrollZoom": False}


def chart(figure: dict[str, Any], words: str, *, name: str | None = None, linked: bool = False) -> html.Figure:
    """Return a chart.

    Parameters
    ----------
    words : str
        What it shows, in a sentence.
    name : str, optional
        A name under which callbacks hear of clicks on it.
    linked : bool
        Whether it shares its time with the other linked charts of the page: zoom and pointer go along.
    """
    more: dict[str, Any] = {"id": {"type": CHART, "name": name}} if name is not None else {}
    graph = dcc.Graph(
        figure=figure,
        config=_CONFIG,
        style={"height": figure["layout"]["height"]},
        className="chart linked" if linked else "chart",
        **more,
    )
    return html.Figure(graph, className="figure", role="img", **aria(label=words))


def empty_chart(words: str, height: int = 160) -> html.Div:
    """Return what stands where a chart has nothing to show yet."""
    return html.Div(html.Span(words, className="muted"), className="no-chart", style={"minHeight": height})
