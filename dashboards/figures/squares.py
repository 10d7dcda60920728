"""Square charts beside each other: ROC, precision against recall, calibration, the confusion of classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboards.components.number import percent
from dashboards.figures.canvas import Figure, Look, canvas, faded
from dashboards.figures.words import plain
from dashboards.theme import Palette, palette
from monitor.service.view.curve import Calibration, Curve, Matrix

SIDE = 280
WIDE = 20  # letters beside each other below a chart: more of them would overlap
_MARGIN = {"l": 44, "r": 12, "t": 8, "b": 40}


def curves(now: Curve | None, before: Curve | None, look: Look, *, x: str, y: str, diagonal: bool = False) -> Figure:
    """Return a curve of the window over that of the reference, both axes from 0 to 1."""
    colour = palette(look.scheme)
    traces = [_diagonal(colour)] if diagonal else []
    traces += [_curve(before, colour.reference, "reference", 1.4)] if before is not None else []
    traces += [_curve(now, colour.accent, "now", 2.0)] if now is not None else []
    return {"data": traces, "layout": _unit_square(look, x, y)}


def calibrated(now: Calibration | None, before: Calibration | None, look: Look) -> Figure:
    """Return how often what was scored so came true, larger dots for more rows; on the diagonal scores are right."""
    colour = palette(look.scheme)
    traces = [_diagonal(colour)]
    for side, tone, name in ((before, colour.reference, "reference"), (now, colour.accent, "now")):
        if side is not None:
            most = max(side.rows) or 1
            sizes = [5 + 9 * (n / most) ** 0.5 for n in side.rows]
            traces.append({
                "type": "scatter", "mode": "lines+markers", "x": side.score, "y": side.share, "name": name,
                "line": {"color": tone, "width": 1.6}, "marker": {"size": sizes, "color": tone},
                "customdata": [f"{int(n):,}" for n in side.rows],
                "hovertemplate": f"{name}: scored %{{x:.2f}}, true %{{y:.0%}}, %{{customdata}} rows<extra></extra>",
            })  # fmt: skip
    return {"data": traces, "layout": _unit_square(look, "mean score", "share that came true")}


def confusion(found: Matrix, look: Look) -> Figure:
    """Return rows by target and prediction, coloured by their share of the target's rows."""
    colour = palette(look.scheme)
    totals = [max(1, sum(row)) for row in found.rows]
    names = [plain(name, 14) for name in found.classes]
    size, broad = len(names), sum(map(len, names)) > WIDE
    cells = {
        "type": "heatmap", "x": list(range(size)), "y": list(range(size)), "xgap": 2, "ygap": 2, "showscale": False,
        "z": [[n / total for n in row] for row, total in zip(found.rows, totals, strict=True)], "zmin": 0, "zmax": 1,
        "colorscale": [[0, faded(colour.reference, 0.14)], [1, colour.accent]],
        "customdata": [[[f"{n:,}", percent(n / total), names[i], names[j]] for j, n in enumerate(row)]
                       for i, (row, total) in enumerate(zip(found.rows, totals, strict=True))],
        "hovertemplate": "target %{customdata[2]}, predicted %{customdata[3]}<br>%{customdata[0]} rows, "
                         "%{customdata[1]} of the target's<extra></extra>",
    }  # fmt: skip
    ticks = {"tickmode": "array", "tickvals": list(range(size)), "ticktext": names, "ticks": "", "showgrid": False}
    layout = canvas(
        look, SIDE, margin=_MARGIN, hovermode="closest",
        xaxis=ticks | {"title": _title("predicted", colour), "tickangle": -35 if broad else 0},
        yaxis=ticks | {"title": _title("target", colour), "range": [size - 0.5, -0.5]},
        annotations=_numbers(found.rows, totals, colour) if size <= 6 else [],
    )  # fmt: skip
    return {"data": [cells], "layout": layout}


def sizes(now: Curve | None, before: Curve | None, look: Look, unit: str) -> Figure:
    """Return how large errors are: shares of rows by size, the window over the reference."""
    colour = palette(look.scheme)
    traces = []
    words = f"size of the error, {plain(unit)}" if unit else "size of the error"
    for side, tone, name in ((before, faded(colour.reference, 0.75), "reference"), (now, None, "now")):
        if side is None:
            continue
        drawn: dict[str, Any] = {"type": "bar", "marker": {"color": tone}} if tone else {
            "type": "scatter", "mode": "lines", "line": {"color": colour.accent, "width": 1.8, "shape": "hvh"},
            "fill": "tozeroy", "fillcolor": faded(colour.accent, 0.12),
        }  # fmt: skip
        traces.append(drawn | {"x": side.x, "y": side.y, "name": name,
                              "hovertemplate": f"{name}: %{{y:.1%}} of rows<extra></extra>"})  # fmt: skip
    layout = canvas(
        look, SIDE, margin=_MARGIN,
        xaxis={"title": _title(words, colour), "rangemode": "tozero"},
        yaxis={"tickformat": ".0%", "rangemode": "tozero"},
    )  # fmt: skip
    return {"data": traces, "layout": layout}


def _numbers(rows: Sequence[Sequence[int]], totals: Sequence[int], colour: Palette) -> list[dict[str, Any]]:
    return [
        {
            "x": j, "y": i, "showarrow": False, "text": f"<b>{n:,}</b><br>{percent(n / total)}",
            "font": {"size": 12, "color": colour.surface if n / total > 0.68 else colour.text},
        }
        for i, (row, total) in enumerate(zip(rows, totals, strict=True))
        for j, n in enumerate(row)
    ]  # fmt: skip


def _curve(found: Curve, tone: str, name: str, width: float) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "lines", "x": found.x, "y": found.y, "name": name,
        "line": {"color": tone, "width": width, "shape": "linear"},
        "hovertemplate": f"{name}: %{{x:.2f}}, %{{y:.2f}}<extra></extra>",
    }  # fmt: skip


def _diagonal(colour: Palette) -> dict[str, Any]:
    return {"type": "scatter", "mode": "lines", "x": [0, 1], "y": [0, 1], "hoverinfo": "skip",
            "line": {"color": colour.line, "width": 1, "dash": "dash"}}  # fmt: skip


def _unit_square(look: Look, x: str, y: str) -> dict[str, Any]:
    colour = palette(look.scheme)
    axis = {"range": [-0.02, 1.02], "tickvals": [0, 0.25, 0.5, 0.75, 1]}
    return canvas(
        look, SIDE, margin=_MARGIN, hovermode="closest",
        xaxis=axis | {"title": _title(x, colour), "showgrid": True, "gridcolor": colour.line, "ticks": ""},
        yaxis=axis | {"title": _title(y, colour)},
    )  # fmt: skip


def _title(text: str, colour: Palette) -> dict[str, Any]:
    return {"text": text, "font": {"size": 11, "color": colour.muted}, "standoff": 6}
