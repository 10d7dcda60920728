"""A picture of a distribution that moved: the reference beside the current window, for mails."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from monitor.notify.plain import plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import FigureCanvasAgg

_INCHES, _DOTS = (5.6, 2.6), 160
_REFERENCE, _DARK, _CURRENT, _INK, _PALE = "#9aa4b2", "#6e7781", "#d1495b", "#1f2328", "#59636e"
_FONT, _LEAST = "DejaVu Sans", 0.1
_MOST_BARS, _LONGEST, _LONGEST_CAPTION = 24, 18, 86
MOST_BYTES = 40_000


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is drawn of a column.

    ``bins`` are what bars are called: categories, values, or where a bin of numbers lies; ``reference`` and ``current``
    their rows or shares, each side scaled to 100 % together with ``apart``: what stands beside the bars, such as
    missing, as name and both shares. ``edges``, one more than bins, ascending, make it a curve over numbers.
    """

    column: str
    bins: Sequence[str]
    reference: Sequence[float]
    current: Sequence[float]
    edges: Sequence[float] = ()
    apart: Sequence[tuple[str, float, float]] = ()
    caption: str = ""


def draw(sketch: Sketch) -> bytes | None:
    """Return a PNG of under 40 kB, None when there is nothing to show.

    Of more than 24 bars those that moved most are shown.
    """
    before = math.fsum([*sketch.reference, *(old for _, old, _ in sketch.apart)])
    now = math.fsum([*sketch.current, *(new for *_, new in sketch.apart)])
    shares = _shares(sketch, before, now)
    if not shares:
        return None
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - heavy, and seldom needed
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=_INCHES, dpi=_DOTS, facecolor="white", layout="constrained")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    if len(sketch.edges) == len(sketch.bins) + 1 > 2:
        _curve(axes, sketch.edges, shares)
        hidden = False
    else:
        most = _most(shares)
        hidden = len(most) < len(shares)
        _bars(axes, most)
    apart = [(name, 100 * old / before, 100 * new / now) for name, old, new in sketch.apart]
    caption = plain(sketch.caption, _LONGEST_CAPTION) + (", the bars that moved most" if hidden else "")
    _dress(axes, sketch.column, caption, apart)
    canvas.draw()  # type: ignore[no-untyped-call]
    picture = _png(canvas)
    return picture if len(picture) < MOST_BYTES else None


def _png(canvas: FigureCanvasAgg) -> bytes:
    """Write few colours, which is a third of the size."""
    from PIL import Image  # noqa: PLC0415 - comes with matplotlib

    drawn = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")  # type: ignore[no-untyped-call]
    out = io.BytesIO()
    drawn.quantize(64, dither=Image.Dither.NONE).save(out, "png", optimize=True)
    return out.getvalue()


def _shares(sketch: Sketch, whole: float, now: float) -> list[tuple[str, float, float]]:
    """Return each bar in percent, in the order given."""
    bins, reference, current = sketch.bins, sketch.reference, sketch.current
    if not (len(bins) == len(reference) == len(current)) or not (0 < whole < math.inf and 0 < now < math.inf):
        return []
    return [
        (_drawable(name, _LONGEST), 100 * old / whole, 100 * new / now)
        for name, old, new in zip(bins, reference, current, strict=True)
    ]


def _most(bars: list[tuple[str, float, float]]) -> list[tuple[str, float, float]]:
    """Return the bars, of too many those that moved most."""
    moved = sorted(range(len(bars)), key=lambda place: -abs(bars[place][1] - bars[place][2]))
    return [bars[place] for place in sorted(moved[:_MOST_BARS])]


def _curve(axes: Axes, edges: Sequence[float], shares: list[tuple[str, float, float]]) -> None:
    """Draw both sides as steps over the numbers, as high as they are dense."""
    at = np.asarray(edges, dtype=np.float64)
    nominal = (at[-1] - at[0]) / len(shares)
    for side, colour, alpha in ((1, _REFERENCE, 0.55), (2, _CURRENT, 0.22)):
        heights = np.array([bar[side] for bar in shares]) * nominal / np.diff(at)
        axes.stairs(heights, at, fill=True, color=colour, alpha=alpha, linewidth=0)
        axes.stairs(heights, at, color=colour, linewidth=1.4)
    axes.margins(x=0.01)
    axes.tick_params(axis="x", labelsize=7)


def _bars(axes: Axes, shares: list[tuple[str, float, float]]) -> None:
    places = range(len(shares))
    axes.bar([place - 0.2 for place in places], [bar[1] for bar in shares], 0.38, color=_REFERENCE)
    axes.bar([place + 0.2 for place in places], [bar[2] for bar in shares], 0.38, color=_CURRENT)
    tilt = 0 if sum(len(bar[0]) + 2 for bar in shares) < 70 else 35
    aligned: dict[str, Any] = {"parse_math": False, "rotation": tilt, "ha": "right" if tilt else "center"}
    if tilt:
        aligned["rotation_mode"] = "anchor"
    axes.set_xticks(list(places), [bar[0] for bar in shares], fontsize=7, fontfamily=_FONT, **aligned)


def _dress(axes: Axes, column: str, caption: str, apart: Sequence[tuple[str, float, float]]) -> None:
    """Write the title, what the colours mean, and what stands beside the bars."""
    words: dict[str, Any] = {"parse_math": False, "fontfamily": _FONT}
    axes.set_title(_drawable(column, 44), fontsize=10, fontweight="bold", color=_INK, loc="left", pad=17, **words)
    under: dict[str, Any] = {
        "xycoords": "axes fraction",
        "textcoords": "offset points",
        "fontsize": 7,
        "annotation_clip": False,
    }
    axes.annotate(_drawable(caption, 120), (0, 1), (0, 6), color=_PALE, **under, **words)
    for place, (side, colour) in enumerate((("reference", _DARK), ("current", _CURRENT))):
        where = (-52.0 if place == 0 else 0.0, 20.0)
        axes.annotate(side, (1, 1), where, color=colour, fontweight="bold", ha="right", **under, **words)
    shown = [one for one in apart if max(one[1:]) >= _LEAST][:4]
    for row, (name, old, new) in enumerate(shown):
        said = f"{_drawable(name, 14)}\n{_percent(old)} → {_percent(new)}"
        colour = _CURRENT if abs(new - old) >= 1 else _PALE
        axes.annotate(said, (1, 1), (8, -8 - 28 * row), color=colour, va="top", ha="left", **under, **words)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g} %")
    axes.tick_params(axis="y", labelsize=7, length=0, labelcolor=_PALE)
    axes.tick_params(axis="x", length=0, labelcolor=_INK)
    axes.yaxis.grid(visible=True, color="#eaeef2", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color("#d0d7de")


def _percent(share: float) -> str:
    return f"{share:.0f} %" if share >= 10 or share == 0 else f"{share:.1f} %"


def _drawable(text: str, limit: int) -> str:
    """Return text whose every letter the font has, a box in place of others."""
    from matplotlib.font_manager import findfont, get_font  # noqa: PLC0415

    known = get_font(findfont("DejaVu Sans")).get_char_index
    return "".join(letter if known(ord(letter)) else "□" for letter in plain(text, limit))
