"""A plain table: a few columns, a few rows, each cell a text or a component; it scrolls in itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from dash import html

from dashboards.components.aria import aria


def table(
    titles: Sequence[str], rows: Sequence[Sequence[Any]], *, right: Collection[str] = (), name: str = ""
) -> html.Div:
    """Return a table.

    Parameters
    ----------
    right : collection of str
        The titles of columns that stand at the right: numbers.
    name : str
        What it shows, for screen readers.
    """
    sides = ["right" if title in right else "" for title in titles]
    head = html.Tr([html.Th(title, className=side, scope="col") for title, side in zip(titles, sides, strict=True)])
    body = [
        html.Tr([html.Td(cell, className=side) for cell, side in zip(row, sides, strict=True)], key=str(place))
        for place, row in enumerate(rows)
    ]
    inner = html.Table([html.Thead(head), html.Tbody(body)], className="plain", **(aria(label=name) if name else {}))
    return html.Div(inner, className="scroll", tabIndex=0, role="region", **aria(label=name or "Table"))
