"""A card: a hairline border, a heading, what stands in it."""

from __future__ import annotations

from typing import Any

from dash import html


def card(
    *children: Any, heading: Any = None, aside: Any = None, name: str = "", ident: str | None = None
) -> html.Section:
    """Return a card.

    Parameters
    ----------
    heading : component or str, optional
        Its heading; a section with a heading is a landmark for screen readers.
    aside : component, optional
        What stands at the right end of the heading: a choice, a button, a number.
    name : str
        More class names.
    """
    more: dict[str, Any] = {} if ident is None else {"id": ident}
    head = [] if heading is None and aside is None else [html.Header([html.H2(heading), html.Div(aside)])]
    return html.Section([*head, *children], className=f"card {name}".strip(), **more)


def fact(name: Any, value: Any, *, note: Any = None) -> html.Div:
    """Return a small heading over a value."""
    below = [] if note is None else [html.Div(note, className="note")]
    return html.Div(
        [html.Div(name, className="fact-name"), html.Div(value, className="fact-value"), *below], className="fact"
    )
