"""An icon: a decoration beside a word, never instead of one."""

from __future__ import annotations

from dash import html

from dashboards.components.aria import aria


def icon(name: str, *, size: int | None = None) -> html.Span:
    """Return an icon by its name in ``assets/icons.css``, hidden from screen readers."""
    style = None if size is None else {"width": size, "height": size}
    return html.Span(className=f"icon icon-{name}", style=style, **aria(hidden="true"))
