"""A state: a colour, a glyph and a word, so that the colour alone never says it."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards.components.icon import icon

GLYPHS = {
    "ok": "check",
    "warning": "drift",
    "critical": "critical",
    "info": "dot",
    "drift": "drift",
    "learning": "learning",
    "new": "learning",
    "unknown": "unknown",
    "late": "late",
    "ended": "clock",
    "failing": "failing",
    "open": "dot",
    "acknowledged": "acknowledged",
    "resolved": "resolved",
    "silenced": "silenced",
}
TONES = {
    "ok": "ok", "resolved": "ok", "learning": "learning", "new": "learning", "acknowledged": "learning",
    "warning": "warning", "drift": "warning", "late": "warning", "critical": "critical", "failing": "critical",
    "open": "warning",
}  # fmt: skip


def badge(state: str, word: str | None = None, *, title: str | None = None) -> html.Span:
    """Return a badge for a state: ``ok``, ``warning``, ``critical``, ``learning``, ``unknown`` and the like."""
    said: dict[str, Any] = {} if title is None else {"title": title}
    return html.Span(
        [icon(GLYPHS.get(state, "unknown"), size=13), html.Span(word or state)],
        className=f"badge tone-{tone(state)}",
        **said,
    )


def tone(state: str) -> str:
    """Return the tone of a state: ok, learning, unknown, warning or critical."""
    return TONES.get(state, "unknown")
