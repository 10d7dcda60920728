"""The scene of charts over time: which windows, within which range, and what happened meanwhile, drawn behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import Any

from dashboards.figures.canvas import faded, stamp
from dashboards.figures.words import plain
from dashboards.theme import Palette
from monitor.service.view.mark import Marks

Numbers = Sequence[float | None]


@dataclass(frozen=True)
class Scene:
    """The time that all charts of a page share: the windows drawn, the range, and what happened within it."""

    starts: Sequence[datetime]
    ends: Sequence[datetime]
    begin: datetime
    end: datetime
    marks: Marks = field(default_factory=lambda: Marks((), ()))
    provisional: Sequence[bool] = ()
    coverage: Numbers = ()

    @cached_property
    def grid(self) -> tuple[list[str], list[int | None]]:
        """Return the times of a line, and for each which window it is; None for a gap, which is not drawn over."""
        x: list[str] = []
        places: list[int | None] = []
        for place, start in enumerate(self.starts):
            if place and start > self.ends[place - 1]:
                x.append(stamp(self.ends[place - 1]))
                places.append(None)
            x.append(stamp(start))
            places.append(place)
        return x, places

    def on_the_clock(self, zone: tzinfo) -> Scene:
        """Return the same instants as clocks of a zone tell them."""
        if zone is UTC or self.begin.tzinfo is zone:
            return self
        here = self.marks
        reference = here.reference and (here.reference[0].astimezone(zone), here.reference[1].astimezone(zone))
        told = replace(
            here,
            incidents=tuple(
                replace(one, start=one.start.astimezone(zone), end=one.end and one.end.astimezone(zone))
                for one in here.incidents
            ),
            ticks=tuple(replace(one, at=one.at.astimezone(zone)) for one in here.ticks),
            reference=reference,
        )
        return replace(
            self,
            starts=[at.astimezone(zone) for at in self.starts],
            ends=[at.astimezone(zone) for at in self.ends],
            begin=self.begin.astimezone(zone),
            end=self.end.astimezone(zone),
            marks=told,
        )


def backdrop(scene: Scene, colour: Palette, domain: tuple[float, float] = (0.0, 1.0)) -> list[dict[str, Any]]:
    """Return incidents and the reference's period as vertical bands, deployments as thin lines."""
    shapes = []
    if scene.marks.reference is not None:
        shapes.append(_band(*scene.marks.reference, faded(colour.reference, 0.16), domain))
    for one in scene.marks.incidents:
        tone = colour.critical if one.severity == "critical" else colour.warning
        shapes.append(_band(max(one.start, scene.begin), one.end or scene.end, faded(tone, 0.07), domain))
    for tick in scene.marks.ticks:
        line = {"color": colour.muted, "width": 1, "dash": "dot"}
        shapes.append({"type": "line", "xref": "x", "yref": "paper", "x0": stamp(tick.at), "x1": stamp(tick.at),
                       "y0": domain[0], "y1": 1.0, "line": line, "layer": "below"})  # fmt: skip
    return shapes


def ticks(scene: Scene, colour: Palette) -> list[dict[str, Any]]:
    """Return what deployments and promotions are called, at the top of their line."""
    return [
        {
            "x": stamp(tick.at), "y": 1.0, "xref": "x", "yref": "paper", "yanchor": "top", "xanchor": "left",
            "text": plain(tick.text, 16), "showarrow": False, "xshift": 3,
            "font": {"size": 10, "color": colour.muted},
        }
        for tick in scene.marks.ticks[-6:]
    ]  # fmt: skip


def _band(begin: datetime, end: datetime, fill: str, domain: tuple[float, float]) -> dict[str, Any]:
    return {
        "type": "rect", "xref": "x", "yref": "paper", "x0": stamp(begin), "x1": stamp(end), "y0": domain[0],
        "y1": domain[1], "fillcolor": fill, "line": {"width": 0}, "layer": "below",
    }  # fmt: skip
