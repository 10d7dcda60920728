"""The canvas that every chart is drawn on: transparent ground, faint horizontal lines, colours of the scheme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo  # noqa: F401 - for the examples
from math import inf
from typing import Any

from dashboards.theme import SANS, palette

Figure = dict[str, Any]

RIGHT, NARROW = 112, 60  # pixels kept free at the right, for what lines and limits are called
LOCALE = "%-d %b"


@dataclass(frozen=True, slots=True)
class Look:
    """What a figure is drawn for: ``light`` or ``dark``, a narrow screen or not, and the clocks of whoever looks."""

    scheme: str | None = None
    narrow: bool = False
    zone: tzinfo = UTC

    @property
    def clocks(self) -> str:
        """Whose times the charts tell, in a sentence."""
        return "Times in UTC." if self.zone is UTC else f"Times of {self.zone}."

    @property
    def right(self) -> int:
        """Pixels kept free at the right edge of a chart."""
        return NARROW if self.narrow else RIGHT


def canvas(look: Look, height: int, **more: Any) -> dict[str, Any]:
    """Return the layout of an empty chart; ``more`` is put over it, axes key by key."""
    colour = palette(look.scheme)
    axis = {
        "linecolor": colour.line, "tickcolor": colour.line, "zeroline": False, "automargin": True, "fixedrange": True,
        "tickfont": {"color": colour.muted, "size": 11}, "title": {"font": {"color": colour.muted, "size": 11}},
    }  # fmt: skip
    layout: dict[str, Any] = {
        "height": height,
        "font": {"family": SANS, "size": 12, "color": colour.text},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 40 if look.narrow else 48, "r": look.right, "t": 12, "b": 28},
        "showlegend": False,
        "hovermode": "x",
        "hoverdistance": 40,
        "barmode": "overlay",
        "bargap": 0,
        "dragmode": "zoom",
        "uirevision": "kept",
        "hoverlabel": {
            "bgcolor": colour.surface, "bordercolor": colour.line, "align": "left",
            "font": {"family": SANS, "size": 12, "color": colour.text},
        },
        "xaxis": axis | {"showgrid": False, "ticks": "outside", "ticklen": 4},
        "yaxis": axis | {"showgrid": True, "gridcolor": colour.line, "nticks": 5},
    }  # fmt: skip
    for name, value in more.items():
        plain = name.startswith(("xaxis", "yaxis"))
        known = layout.get(name) or layout.get(name[:5], {}) if plain else {}
        layout[name] = known | value if plain else value
    return layout


def dates(begin: datetime, end: datetime, look: Look) -> dict[str, Any]:
    """Return an axis of time over [begin, end]: the same for all charts of a page, so that they line up."""
    return {
        "type": "date", "range": [stamp(begin), stamp(end)],
        "fixedrange": look.narrow, "nticks": 4 if look.narrow else 7,
        "tickformatstops": [
            {"dtickrange": [None, 3_600_000], "value": "%H:%M\n%-d %b"},
            {"dtickrange": [3_600_000, 86_400_000], "value": "%H:%M\n%-d %b"},
            {"dtickrange": [86_400_000, "M1"], "value": LOCALE},
            {"dtickrange": ["M1", None], "value": "%b %Y"},
        ],
        "hoverformat": "%-d %b %Y %H:%M" + (" UTC" if look.zone is UTC else ""),
    }  # fmt: skip


def stamp(at: datetime) -> str:
    """Return an instant as plotly takes it: without a zone, as the clocks tell it that ``at`` is given in.

    Examples
    --------
    >>> stamp(datetime(2026, 3, 1, 6, tzinfo=UTC)), stamp(datetime(2026, 3, 1, 6, tzinfo=timezone(timedelta(hours=9))))
    ('2026-03-01T06:00:00', '2026-03-01T06:00:00')
    """
    return at.isoformat(timespec="seconds")[:19]


def in_utc(at: datetime) -> str | None:
    """Return an instant in UTC as the pointer tells it; None where it is given in UTC, and so told already.

    Examples
    --------
    >>> in_utc(datetime(2026, 3, 1, 6, tzinfo=timezone(timedelta(hours=9)))), in_utc(datetime(2026, 3, 1, tzinfo=UTC))
    ('28 Feb 21:00 UTC', None)
    """
    return None if at.tzinfo is UTC else f"{at.astimezone(UTC):%-d %b %H:%M} UTC"


def faded(colour: str, opacity: float) -> str:
    """Return a colour that lets through what lies below.

    Examples
    --------
    >>> faded("#4f46e5", 0.2)
    'rgba(79,70,229,0.2)'
    """
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


def spaced(wanted: Sequence[float], apart: float, top: float = inf) -> list[float]:
    """Return heights as near to those wanted as they can be without lying closer together than ``apart``, or too high.

    Examples
    --------
    >>> [round(y, 2) for y in spaced([0.5, 0.52, 0.9], 0.1)], [round(y, 2) for y in spaced([1.0, 0.98], 0.1, 1.0)]
    ([0.46, 0.56, 0.9], [1.0, 0.9])
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    found = [wanted[i] for i in order]
    for _ in range(200):
        for i in range(len(found) - 1):
            lack = apart - (found[i + 1] - found[i])
            if lack > 1e-9:
                found[i] -= lack / 2
                found[i + 1] += lack / 2
    placed = [0.0] * len(wanted)
    for place, i in enumerate(order):
        placed[i] = min(found[place], top - apart * (len(order) - 1 - place))
    return placed
