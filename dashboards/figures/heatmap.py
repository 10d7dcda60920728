"""A heatmap: how far every column has moved in every window; calm below the limit, outlined beyond it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dashboards.figures.canvas import Figure, Look, canvas, dates, faded, in_utc, stamp
from dashboards.figures.scene import Scene, backdrop
from dashboards.figures.words import plain, said
from dashboards.theme import GROUPS, Palette, palette
from monitor.service.view.drift import Heat

ROW = 22  # pixels
AMBER = GROUPS[1]
TOP = 4.0  # limits: from there on a cell is as red as it gets


def heatmap(scene: Scene, heat: Heat, look: Look, chosen: str | None = None) -> Figure:
    """Return the heatmap, the movers from top to bottom as they come.

    A cell's colour is its value in limits, so that columns with limits of their own can be told at a glance too.

    Parameters
    ----------
    chosen : str, optional
        The title of the mover whose row is marked.
    """
    colour, scene, heat = palette(look.scheme), scene.on_the_clock(look.zone), _on_the_clock(heat, look)
    names = [one.title for one in heat.movers]
    titles, rows = [plain(name) for name in names], list(range(len(names)))
    texts = [_named(name, chosen, 12 if look.narrow else 24) for name in names]
    edges = [*map(stamp, heat.starts), *([stamp(heat.ends[-1])] if heat.ends else [])]
    in_limits = [
        [None if v is None else min(v / (one.limit or 0.05), TOP) for v in row]
        for one, row in zip(heat.movers, heat.cells, strict=True)
    ]
    begins = [f"{at:%-d %b %Y %H:%M} {'UTC' if in_utc(at) is None else f'({in_utc(at)})'}" for at in heat.starts]
    across = "" if heat.per_cell == 1 else f"<br>the farthest of {heat.per_cell} windows"
    cells = {
        "type": "heatmap", "x": edges, "y": rows, "z": in_limits, "zmin": 0, "zmax": TOP, "showscale": False,
        "colorscale": _colours(colour), "xgap": 0.5 if len(heat.starts) < 120 else 0, "ygap": 2,
        "customdata": [[[title, _digits(v), begin] for v, begin in zip(row, begins, strict=True)]
                       for title, row in zip(titles, heat.cells, strict=True)],
        "hovertemplate": "<b>%{customdata[0]}</b> %{customdata[1]}<br>from %{customdata[2]}"
                         f"{across}<extra></extra>",
        "hoverongaps": False,
    }  # fmt: skip
    layout = canvas(
        look, max(120, ROW * len(names) + 44),
        hovermode="closest",
        margin={"l": 48, "r": look.right, "t": 4, "b": 28},
        xaxis=dates(scene.begin, scene.end, look),
        yaxis={
            "showgrid": False, "tickmode": "array", "tickvals": rows, "ticktext": texts,
            "range": [len(names) - 0.5, -0.5], "tickfont": {"size": 12, "color": colour.text}, "ticks": "",
        },
        annotations=[_value(one, row, colour) for row, one in enumerate(heat.movers)],
        shapes=[s for s in backdrop(scene, colour) if s["type"] == "line"],
    )  # fmt: skip
    return {"data": [cells, _outline(heat, colour)], "layout": layout}


def _on_the_clock(heat: Heat, look: Look) -> Heat:
    starts, ends = (tuple(at.astimezone(look.zone) for at in side) for side in (heat.starts, heat.ends))
    return replace(heat, starts=starts, ends=ends)


def _colours(colour: Palette) -> list[list[Any]]:
    return [
        [0.0, faded(colour.reference, 0.10)], [0.999 / TOP, faded(colour.reference, 0.55)],
        [1.0 / TOP, faded(AMBER, 0.5)], [2.0 / TOP, faded(AMBER, 0.95)],
        [1.0, colour.critical],
    ]  # fmt: skip


def _named(name: str, chosen: str | None, longest: int) -> str:
    text = plain(name, longest)
    return f"<b>{text}</b>" if name == chosen else text


def _value(one: Any, row: int, colour: Palette) -> dict[str, Any]:
    """Return the newest value at the right end of a row, in the colour of its alarm."""
    tones = {"critical": colour.critical, "warning": colour.warning}
    tone = tones.get(one.severity or "", colour.muted)
    text = _digits(one.effect)
    return {
        "xref": "paper", "x": 1, "xanchor": "left", "xshift": 8, "yref": "y", "y": row, "showarrow": False,
        "text": f"<b>{text}</b>" if one.severity else text, "font": {"size": 11, "color": tone},
    }  # fmt: skip


def _digits(value: float | None) -> str:
    return said(None if value is None else round(value, 4))  # of a share the rest means nothing


def _outline(heat: Heat, colour: Palette) -> dict[str, Any]:
    """Return a frame around every stretch of cells beyond the limit."""
    x: list[str | None] = []
    y: list[float | None] = []
    for row, (one, cells) in enumerate(zip(heat.movers, heat.cells, strict=True)):
        beyond = [one.limit is not None and v is not None and v > one.limit for v in cells]
        at = 0
        while at < len(beyond):
            end = at
            while end < len(beyond) and beyond[end]:
                end += 1
            if end > at:
                left, right = stamp(heat.starts[at]), stamp(heat.ends[end - 1])
                x += [left, right, right, left, left, None]
                y += [row - 0.46, row - 0.46, row + 0.46, row + 0.46, row - 0.46, None]
            at = max(end, at + 1)
    return {
        "type": "scatter", "x": x[:1998], "y": y[:1998], "mode": "lines", "hoverinfo": "skip",
        "line": {"width": 1, "color": faded(colour.critical, 0.85)},
    }  # fmt: skip
