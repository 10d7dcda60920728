"""What stands where nothing else can: empty states say what would fill them, faults what to do."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboards.asking import MissingError, RefusedError, link
from dashboards.components.aria import aria
from dashboards.components.icon import icon
from monitor.errors import MonitorError


def empty(words: str, hint: Any = None, *, glyph: str = "inbox") -> html.Div:
    """Return an empty state: what is not there, and what would fill it."""
    more = [] if hint is None else [html.P(hint, className="muted")]
    return html.Div([icon(glyph, size=24), html.P(words, className="strong"), *more], className="blank", role="status")


def fault(error: MonitorError) -> html.Div:
    """Return a fault in words: what is wrong, and what cures it."""
    glyph = "lock" if isinstance(error, RefusedError) else "search" if isinstance(error, MissingError) else "failing"
    hint = [html.P(error.hint, className="muted")] if error.hint else []
    return html.Div(
        [
            icon(glyph, size=24),
            html.P(error.message, className="strong"),
            *hint,
            dcc.Link("Go to the overview", href=link(), className="button"),
        ],
        className="blank",
        role="alert",
    )


def skeleton(rows: int = 3, height: int = 96) -> html.Div:
    """Return grey boxes that stand where something is being loaded."""
    boxes = [html.Div(className="skeleton", style={"height": height}) for _ in range(rows)]
    return html.Div(boxes, className="stack", **aria(busy="true", label="loading"))
