"""Distributions side by side: the reference as grey ground, the window in the accent, the odd ones apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboards.components.number import percent
from dashboards.figures.canvas import Figure, Look, canvas, faded
from dashboards.figures.words import plain
from dashboards.theme import Palette, palette
from monitor.service.view.distribution import Bar, Distribution

NUMERIC, ROW = 260, 26


def bars(found: Distribution, look: Look) -> Figure:
    """Return a column's distribution in the window over that of the reference.

    Numbers stand along an axis, missing values and those beyond the range as bars of their own beside it; categories
    stand below each other by their frequency.
    """
    return _numeric(found, look) if found.numeric else _named(found, look)


def _numeric(found: Distribution, look: Look) -> Figure:
    colour = palette(look.scheme)
    apart = [bar for bar in found.apart if (bar.reference or 0) > 0 or (bar.current or 0) > 0 or bar.name == "missing"]
    split = 1.0 - (0.19 if look.narrow else 0.085) * len(apart) - 0.03
    middles = [((bar.low or 0.0) + (bar.high or 0.0)) / 2 for bar in found.bars]
    widths = [(bar.high or 0.0) - (bar.low or 0.0) for bar in found.bars]
    traces = [
        {
            "type": "bar", "x": middles, "width": widths, "y": [_high(bar.reference, bar) for bar in found.bars],
            "marker": {"color": faded(colour.reference, 0.75), "line": {"width": 0}},
            "customdata": _said(found.bars, reference=True), "hovertemplate": _HOVER, "name": "reference",
        },
        _steps(found.bars, colour),
        *_apart(apart, colour, "x2"),
    ]  # fmt: skip
    tallest = max((_high(share, bar) or 0.0 for bar in found.bars for share in (bar.reference, bar.current)), default=0)
    beside = max((share or 0.0 for bar in apart for share in (bar.reference, bar.current)), default=0)
    # a bar that holds nearly all rows would flatten the rest: then those apart get an axis of their own
    own = beside > 2 * tallest
    layout = canvas(
        look, NUMERIC,
        margin={"l": 48, "r": 16, "t": 24, "b": 32},
        xaxis={"domain": [0, split], "showgrid": False, "tickangle": 0, "nticks": 4 if look.narrow else 7},
        xaxis2={"domain": [split + 0.03, 1], "anchor": "y2" if own else "y", "showgrid": False, "ticks": "",
                "tickangle": 0, "type": "category"},
        yaxis={"tickformat": ".0%" if tallest > 0.05 else ".1%", "rangemode": "tozero"},
        annotations=_legend(colour),
    )  # fmt: skip
    if own:
        layout["yaxis2"] = layout["yaxis"] | {"anchor": "x2", "side": "right", "tickformat": ".0%"}
        for trace in traces[2:]:
            trace["yaxis"] = "y2"
    return {"data": traces, "layout": layout}


def _named(found: Distribution, look: Look) -> Figure:
    colour = palette(look.scheme)
    every = [*found.bars, *(bar for bar in found.apart if bar.reference or bar.current or bar.name == "missing")]
    rows = list(range(len(every)))
    gap = len(found.bars)  # a little room above those that are no categories
    places = [row + (0.4 if row >= gap else 0.0) for row in rows]
    traces = [
        {
            "type": "bar", "orientation": "h", "y": [p - 0.2 for p in places], "x": [bar.reference for bar in every],
            "width": 0.36, "marker": {"color": faded(colour.reference, 0.85)}, "customdata": _said(every, True),
            "hovertemplate": _HOVER,
        },
        {
            "type": "bar", "orientation": "h", "y": [p + 0.2 for p in places], "x": [bar.current for bar in every],
            "width": 0.36, "marker": {"color": [_tone(bar, i >= gap, colour) for i, bar in enumerate(every)]},
            "customdata": _said(every, False), "hovertemplate": _HOVER,
        },
    ]  # fmt: skip
    layout = canvas(
        look, max(160, ROW * len(every) + 64),
        margin={"l": 48, "r": 16, "t": 24, "b": 28}, hovermode="closest",
        xaxis={"tickformat": ".0%", "showgrid": True, "gridcolor": colour.line, "rangemode": "tozero", "ticks": ""},
        yaxis={"tickmode": "array", "tickvals": places, "showgrid": False, "ticktext": [plain(b.name) for b in every],
               "range": [places[-1] + 0.6, -0.6], "tickfont": {"size": 12, "color": colour.text}},
        annotations=_legend(colour),
    )  # fmt: skip
    return {"data": traces, "layout": layout}


_HOVER = "%{customdata[0]}<br>%{customdata[1]} %{customdata[2]}<extra></extra>"


def _said(found: Sequence[Bar], reference: bool) -> list[list[str]]:
    side = "of the reference" if reference else "of this window"
    return [[plain(b.name), percent(b.reference if reference else b.current), side] for b in found]


def _high(share: float | None, bar: Bar) -> float | None:
    return None if share is None else share * bar.scale


def _steps(found: Sequence[Bar], colour: Palette) -> dict[str, Any]:
    """Return the window's bars as one stepped outline, so that the reference can be seen behind it."""
    x: list[float | None] = []
    y: list[float | None] = []
    for bar in found:
        x += [bar.low, bar.high]
        y += [_high(bar.current, bar)] * 2
    return {
        "type": "scatter", "x": x, "y": y, "mode": "lines", "line": {"color": colour.accent, "width": 1.8},
        "fill": "tozeroy", "fillcolor": faded(colour.accent, 0.12), "name": "window", "hovertemplate": _HOVER,
        "customdata": [each for each in _said(found, reference=False) for _ in (0, 1)],
    }  # fmt: skip


def _apart(found: Sequence[Bar], colour: Palette, axis: str) -> list[dict[str, Any]]:
    names = [plain(bar.name, 14).replace(" ", "<br>", 1) for bar in found]
    return [
        {
            "type": "bar", "x": names, "y": [bar.reference for bar in found], "xaxis": axis, "width": 0.7,
            "marker": {"color": faded(colour.reference, 0.75)}, "customdata": _said(found, reference=True),
            "hovertemplate": _HOVER,
        },
        {
            "type": "bar", "x": names, "y": [bar.current for bar in found], "xaxis": axis, "width": 0.36,
            "marker": {"color": [_tone(bar, True, colour) for bar in found]},
            "customdata": _said(found, reference=False), "hovertemplate": _HOVER,
        },
    ]  # fmt: skip


def _tone(bar: Bar, apart: bool, colour: Palette) -> str:
    """Return the accent, and the colour of a warning for what was hardly there in the reference."""
    new = apart and (bar.current or 0.0) > 0.01 and (bar.current or 0.0) > 2 * (bar.reference or 0.0)
    return colour.critical if new else colour.accent


def _legend(colour: Palette) -> list[dict[str, Any]]:
    ground, accent = faded(colour.reference, 0.75), colour.accent
    words = ((f"<span style='color:{ground}'>■</span> reference", colour.muted, 0.0), ("■ this window", accent, 84.0))
    return [
        {"xref": "paper", "x": 0, "xanchor": "left", "xshift": shift, "yref": "paper", "y": 1, "yanchor": "bottom",
         "text": text, "showarrow": False, "font": {"size": 11, "color": tone}}
        for text, tone, shift in words
    ]  # fmt: skip
