"""A table that scrolls inside itself, by the keyboard too."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards.components.aria import aria


def scroll(table: Any, label: str, *, tall: bool = False) -> html.Div:
    """Return a table in a frame that scrolls where it is too wide, or too tall.

    Parameters
    ----------
    label : str
        What the table holds, for those who do not see it.
    """
    return html.Div(
        table, className="scroll tall" if tall else "scroll", role="region", tabIndex=0, **aria(label=label)
    )
