"""A number over time: its line with the interval as a band, what it is held against, and what happened meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dashboards.figures.canvas import Figure, Look, canvas, dates, faded, in_utc, spaced, stamp
from dashboards.figures.scene import Numbers, Scene, backdrop, ticks
from dashboards.figures.words import plain, said
from dashboards.theme import GROUPS, Palette, palette

MOST_LINES = 6  # beyond them lines cannot be told apart
LETTER = 14  # pixels between two words at the right edge
STRIP = 0.03  # of the height, for the strip of label coverage


@dataclass(frozen=True)
class Line:
    """One line: its values over the times of the chart; ``low`` and ``high`` bound its band where it has one."""

    name: str
    value: Numbers
    low: Numbers = ()
    high: Numbers = ()
    n: Sequence[int] = ()
    dashed: bool = False


@dataclass(frozen=True)
class Level:
    """A horizontal line: a limit, or what the reference shows."""

    value: float
    name: str
    kind: str = "limit"  # or "reference"
    severity: str = "critical"


def timeline(
    scene: Scene,
    lines: Sequence[Line],
    look: Look,
    *,
    levels: Sequence[Level] = (),
    height: int = 240,
    unit: str = "",
    floor: float | None = None,
    ceiling: float | None = None,
    strip: bool = False,
    zero: bool = False,
) -> Figure:
    """Return lines over time, each called by its name at its end.

    Parameters
    ----------
    levels : sequence of Level
        Limits, dashed and with their value at the right edge, and the reference's own value.
    floor, ceiling : float, optional
        What values cannot leave: the axis does not either.
    strip : bool
        Whether the share of rows with ground truth stands below, as a thin strip.
    zero : bool
        Whether the axis begins at 0.
    """
    colour, scene = palette(look.scheme), scene.on_the_clock(look.zone)
    shown = lines[:MOST_LINES]
    bottom, top = _range(shown, levels, floor, ceiling, zero=zero)
    plotted = (STRIP + 0.06 if strip and scene.coverage else 0.0, 1.0)
    traces = [*_hatched(scene, colour)]
    tones = [colour.accent] if len(shown) == 1 else list(GROUPS)
    for line, tone in zip(shown, tones, strict=False):
        traces += _line(scene, line, tone, unit)
    if plotted[0]:
        traces.append(_coverage(scene, colour))
    layout = canvas(
        look, height,
        xaxis=dates(scene.begin, scene.end, look) | ({"anchor": "y3"} if plotted[0] else {}),
        yaxis={"range": [bottom, top], "domain": list(plotted), "tickformat": ".0%" if unit == "percent" else ""},
        yaxis2={"range": [0, 1], "visible": False, "overlaying": "y", "domain": list(plotted)},
        shapes=[*backdrop(scene, colour, plotted), *_level_lines(levels, colour)],
        annotations=[
            *_labels(shown, tones, _named(levels, look), colour, (bottom, top), plotted, unit, height - 40),
            *ticks(scene, colour),
        ],
    )  # fmt: skip
    if plotted[0]:
        layout["yaxis3"] = {"domain": [0, STRIP], "visible": False, "fixedrange": True, "range": [-0.5, 0.5]}
    return {"data": traces, "layout": layout}


def _line(scene: Scene, line: Line, tone: str, unit: str) -> list[dict[str, Any]]:
    x, value = _gapped(scene, line.value)
    traces = []
    if line.low and line.high and any(v is not None for v in line.low):
        traces += _interval(scene, line, tone)
    rows = _gapped(scene, line.n)[1] if line.n else [None] * len(x)
    dash = {"dash": "dot"} if line.dashed else {}
    lonely = sum(v is not None for v in line.value) < 40
    noted = [f"{'' if n is None else f'  n {n:,}'}{also}" for n, also in zip(rows, _utc(scene), strict=True)]
    traces.append({
        "type": "scatter", "x": x, "y": value, "name": plain(line.name), "mode": "lines+markers" if lonely else "lines",
        "line": {"color": tone, "width": 1.8, **dash}, "marker": {"size": 4, "color": tone}, "connectgaps": False,
        "customdata": [[said(v, unit), note] for v, note in zip(value, noted, strict=True)],
        "hovertemplate": "%{customdata[0]}<span style='opacity:.6'>%{customdata[1]}</span>"
                         f"<extra>{plain(line.name) if line.name else ''}</extra>",
    })  # fmt: skip
    return traces


def _interval(scene: Scene, line: Line, tone: str) -> list[dict[str, Any]]:
    """Return the interval as one closed shape for each stretch without a gap."""
    x, low = _gapped(scene, line.low)
    _, high = _gapped(scene, line.high)
    outline_x: list[str | None] = []
    outline_y: list[float | None] = []
    stretch: list[int] = []
    for i in range(len(x) + 1):
        if i < len(x) and low[i] is not None and high[i] is not None:
            stretch.append(i)
        elif stretch:
            outline_x += [*(x[j] for j in stretch), *(x[j] for j in reversed(stretch)), None]
            outline_y += [*(high[j] for j in stretch), *(low[j] for j in reversed(stretch)), None]
            stretch = []
    return [{
        "type": "scatter", "x": outline_x, "y": outline_y, "mode": "lines", "line": {"width": 0}, "fill": "toself",
        "fillcolor": faded(tone, 0.14), "hoverinfo": "skip",
    }]  # fmt: skip


def _gapped(scene: Scene, values: Sequence[Any]) -> tuple[list[str], list[Any]]:
    """Return times and values with a hole wherever windows are missing: a gap is not drawn over."""
    x, places = scene.grid
    return x, [None if place is None else values[place] for place in places]


def _utc(scene: Scene) -> list[str]:
    """Return for each point of a line the beginning of its window in UTC, for viewers whose clocks differ."""
    return _gapped(scene, ["" if utc is None else f"<br>{utc}" for utc in map(in_utc, scene.starts)])[1]


def _hatched(scene: Scene, colour: Palette) -> list[dict[str, Any]]:
    """Return hatching over windows whose ground truth is still coming."""
    found = [i for i, open_ in enumerate(scene.provisional) if open_]
    if not found:
        return []
    pattern = {"shape": "/", "size": 6, "solidity": 0.12, "fgcolor": colour.muted, "bgcolor": "rgba(0,0,0,0)"}
    begin, end = scene.starts[found[0]], scene.ends[found[-1]]
    return [{
        "type": "bar", "x": [stamp(begin)], "y": [1], "yaxis": "y2", "offset": 0, "hoverinfo": "skip",
        "width": [(end - begin).total_seconds() * 1000], "opacity": 0.5,
        "marker": {"pattern": pattern, "color": "rgba(0,0,0,0)", "line": {"width": 0}},
    }]  # fmt: skip


def _coverage(scene: Scene, colour: Palette) -> dict[str, Any]:
    edges = [stamp(start) for start in scene.starts]
    if scene.ends:
        edges.append(stamp(scene.ends[-1]))
    return {
        "type": "heatmap", "x": edges, "y": [0], "z": [list(scene.coverage)], "yaxis": "y3", "zmin": 0, "zmax": 1,
        "colorscale": [[0, faded(colour.ok, 0.06)], [1, faded(colour.ok, 0.6)]], "showscale": False, "ygap": 0,
        "hovertemplate": "%{z:.0%} of rows have ground truth<extra></extra>",
    }  # fmt: skip


def _level_lines(levels: Sequence[Level], colour: Palette) -> list[dict[str, Any]]:
    return [
        {
            "type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": one.value, "y1": one.value,
            "line": {"color": _tone(one, colour), "width": 1, "dash": "dash" if one.kind == "limit" else "solid"},
            "layer": "above" if one.kind == "limit" else "below",  # or the faint lines of the ground cover it
        }
        for one in levels
    ]  # fmt: skip


def _tone(level: Level, colour: Palette) -> str:
    if level.kind != "limit":
        return colour.reference
    return colour.critical if level.severity == "critical" else colour.warning


def _labels(
    lines: Sequence[Line], tones: Sequence[str], levels: Sequence[Level], colour: Palette,
    extent: tuple[float, float], domain: tuple[float, float], unit: str, inner: float,
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the words at the right edge, pushed apart where they would cover each other."""
    words: list[tuple[float, str, str]] = []
    for line, tone in zip(lines, tones, strict=False):
        last = next((v for v in reversed(line.value) if v is not None), None)
        if last is not None:
            name = f"{plain(line.name, 14)} " if len(lines) > 1 else ""
            words.append((last, f"<b>{name}{said(last, unit)}</b>", tone))
    muted = {"limit": None, "reference": colour.muted}
    words += [(one.value, f"{plain(one.name, 12)} {said(one.value, unit)}", muted.get(one.kind) or _tone(one, colour))
              for one in levels]  # fmt: skip
    low, high = extent
    scale = (domain[1] - domain[0]) / ((high - low) or 1.0)
    heights = spaced(
        [domain[0] + (min(max(y, low), high) - low) * scale for y, _, _ in words], LETTER / inner, domain[1]
    )
    return [
        {
            "xref": "paper", "x": 1, "xanchor": "left", "xshift": 6, "yref": "paper", "y": y, "text": text,
            "yanchor": "middle", "showarrow": False, "font": {"size": 11, "color": tone}, "align": "left",
        }
        for (_, text, tone), y in zip(words, heights, strict=True)
    ]  # fmt: skip


def _named(levels: Sequence[Level], look: Look) -> list[Level]:
    """Return levels with their names, which a narrow screen has no room for."""
    return [replace(one, name="") for one in levels] if look.narrow else list(levels)


def _range(
    lines: Sequence[Line], levels: Sequence[Level], floor: float | None, ceiling: float | None, *, zero: bool
) -> tuple[float, float]:
    """Return the lowest and highest value shown: all values and limits, and intervals of the usual width."""
    values = [v for line in lines for v in line.value if v is not None] + [one.value for one in levels]
    values += [0.0] if zero and values else []
    for line in lines:
        for bound in (line.low, line.high):
            known = sorted(v for v in bound if v is not None)
            values += known[len(known) // 2 :][:1]
    if not values:
        return floor or 0.0, 1.0 if ceiling is None else ceiling
    low, high = min(values), max(values)
    pad = 0.12 * ((high - low) or abs(high) or 1.0)
    low, high = low - pad, high + pad
    if floor is not None:
        low = max(low, floor)
    if ceiling is not None and min(values) <= ceiling:
        high = min(high, ceiling + 0.02 * (high - low))
    return low, high
