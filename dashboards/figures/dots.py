"""Dots with intervals: a rate of every group below each other, small groups hollow, suppressed ones named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboards.figures.canvas import Figure, Look, canvas
from dashboards.figures.words import plain, said
from dashboards.theme import palette
from monitor.service.view.fairness import GroupRate

ROW = 28
MOST = 30


def dots(groups: Sequence[GroupRate], look: Look, *, against: str | None = None, whole: float | None = None) -> Figure:
    """Return one dot with its interval for each group, in the order given.

    Parameters
    ----------
    against : str, optional
        The title of the group that a line is drawn at.
    whole : float, optional
        The rate of all rows, where a faint line is drawn when there is no group to compare with.
    """
    colour = palette(look.scheme)
    shown = list(groups[:MOST])
    rows = list(range(len(shown)))
    filled = [(i, one, one.value) for i, one in enumerate(shown) if one.value is not None]
    base = next((one.value for one in shown if one.title == against), whole)
    hollow = [colour.surface if one.state == "small" else colour.accent for _, one, _ in filled]
    trace = {
        "type": "scatter", "mode": "markers", "x": [value for _, _, value in filled], "y": [i for i, _, _ in filled],
        "marker": {"size": 9, "color": hollow, "line": {"color": colour.accent, "width": 1.8}},
        "error_x": {
            "type": "data", "symmetric": False, "color": colour.accent, "thickness": 1.4, "width": 0,
            "array": [(value if one.high is None else one.high) - value for _, one, value in filled],
            "arrayminus": [value - (value if one.low is None else one.low) for _, one, value in filled],
        },
        "customdata": [[plain(one.title), said(one.value), said(one.low), said(one.high), f"{one.n:,}"]
                       for _, one, _ in filled],
        "hovertemplate": "<b>%{customdata[0]}</b> %{customdata[1]}<br>95 % between %{customdata[2]} and "
                         "%{customdata[3]}<br>%{customdata[4]} rows<extra></extra>",
    }  # fmt: skip
    shapes: list[dict[str, Any]] = []
    if base is not None:
        shapes.append({"type": "line", "xref": "x", "yref": "paper", "x0": base, "x1": base, "y0": 0, "y1": 1,
                       "line": {"color": colour.muted, "width": 1, "dash": "dash"}, "layer": "below"})  # fmt: skip
    layout = canvas(
        look, max(140, ROW * len(shown) + 48),
        margin={"l": 48, "r": look.right, "t": 8, "b": 28}, hovermode="closest",
        xaxis={"showgrid": True, "gridcolor": colour.line, "ticks": "", "nticks": 6},
        yaxis={"tickmode": "array", "tickvals": rows, "ticktext": [plain(one.title) for one in shown], "ticks": "",
               "showgrid": False, "range": [len(shown) - 0.5, -0.5], "tickfont": {"size": 12, "color": colour.text}},
        annotations=[_note(i, one, colour.muted) for i, one in enumerate(shown)], shapes=shapes,
    )  # fmt: skip
    return {"data": [trace], "layout": layout}


def _note(row: int, one: GroupRate, tone: str) -> dict[str, Any]:
    words = {"suppressed": "too few rows", "small": f"n {one.n:,} · small" if one.n else ""}
    text = words.get(one.state) or f"n {one.n:,}".replace(",", "\u2009")
    return {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 8, "yref": "y", "y": row, "showarrow": False,
            "text": text, "font": {"size": 11, "color": tone}}  # fmt: skip
