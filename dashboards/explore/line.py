"""The line of the chosen series over time, with both windows marked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dashboards.components.blank import empty
from dashboards.components.chart import chart
from dashboards.components.metric_name import label, unit
from dashboards.explore.choice import Choice
from dashboards.figures.canvas import Look, faded, stamp
from dashboards.figures.scene import Scene
from dashboards.figures.timeline import Line, timeline
from dashboards.tabs.lines import bounds
from dashboards.theme import palette
from monitor.service.view.contrast import Contrast
from monitor.service.view.past import Past
from monitor.service.view.trail import Trail, trails

MOST_POINTS = 1500
MARGIN = timedelta(days=21)


def trail(chosen: Choice) -> tuple[Past, Trail] | None:
    """Return the chosen series over all windows; None when nothing of it was stored."""
    if chosen.past is None:
        return None
    number = next((number for number, key in chosen.past.keys.items() if key == chosen.series), None)
    if number is None:
        return None
    with chosen.asked.store.read() as conn:
        [found] = trails(conn, chosen.past, [number])
    return chosen.past, found


def line(chosen: Choice, found: Contrast | None, look: Look) -> Any:
    """Return the chart of the series, around both windows."""
    known = trail(chosen)
    if known is None:
        return empty(
            "Nothing of that was stored.",
            "Choose another metric or column: the lists show what there is.",
            glyph="chart",
        )
    past, one = known
    begin = _begin(past, chosen, found)
    places = [place for place, run in enumerate(past.windows) if run.window.end > begin][-MOST_POINTS:]
    if not any(one.value[place] is not None for place in places):
        why = next((one.reason[place] for place in reversed(places) if one.reason[place]), None)
        return empty("It has no value in this time.", why, glyph="chart")
    starts, ends = [past.starts[place] for place in places], [past.ends[place] for place in places]
    provisional = [past.windows[place].outcome.provisional for place in places]
    scene = Scene(starts, ends, starts[0], ends[-1], provisional=provisional)
    name = label(one.metric) + (f" of {one.column}" if one.column else "")
    drawn = Line(
        name, [one.value[p] for p in places], [one.low[p] for p in places], [one.high[p] for p in places],
        [one.n[p] for p in places],
    )  # fmt: skip
    figure = timeline(scene, [drawn], look, height=280, unit=unit(one.metric), **bounds(one.metric))
    figure["layout"]["shapes"] = [*_sides(chosen, found, look), *figure["layout"].get("shapes", [])]
    return chart(figure, f"{name} over time, windows A and B marked", name="explore")


def _begin(past: Past, chosen: Choice, found: Contrast | None) -> datetime:
    """Return where the chart begins: three weeks before the earlier of the two windows."""
    first = [at for at in (chosen.ours.start, chosen.theirs.start if chosen.theirs else None) if at is not None]
    if found is not None and found.beside is None and found.counts.standard.start is not None:
        first.append(found.counts.standard.start)
    return min(first, default=past.starts[0]) - MARGIN


def _sides(chosen: Choice, found: Contrast | None, look: Look) -> list[dict[str, Any]]:
    colour, theirs = palette(look.scheme), chosen.theirs
    beside = (theirs.start, theirs.end) if theirs is not None else (None, None)
    if theirs is None and found is not None:
        beside = found.counts.standard.start, found.counts.standard.end
    both = ((chosen.ours.start, chosen.ours.end, colour.accent, 0.12), (*beside, colour.reference, 0.3))
    return [
        _band(begin.astimezone(look.zone), end.astimezone(look.zone), faded(tone, opacity))
        for begin, end, tone, opacity in both
        if begin is not None and end is not None
    ]


def _band(begin: datetime, end: datetime, fill: str) -> dict[str, Any]:
    return {
        "type": "rect", "xref": "x", "yref": "paper", "x0": stamp(begin), "x1": stamp(end), "y0": 0, "y1": 1,
        "fillcolor": fill, "line": {"width": 0}, "layer": "below",
    }  # fmt: skip
