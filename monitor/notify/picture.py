"""A picture of a distribution that moved: the reference beside the current window, for mails."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from monitor.notify.plain import plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import FigureCanvasAgg

_INCHES, _DOTS = (5.6, 2.6), 160
_REFERENCE, _CURRENT, _INK = "#9aa4b2", "#d1495b", "#1f2328"
_MOST_BARS, _LONGEST, _LONGEST_TITLE = 24, 18, 60
MOST_BYTES = 40_000


def draw(column: str, bins: Sequence[str], reference: Sequence[float], current: Sequence[float]) -> bytes | None:
    """Return a PNG of under 40 kB, None when there is nothing to show.

    Parameters
    ----------
    column : str
        Its name, any text.
    bins : sequence of str
        What each bar is called: a category, or where a bin of numbers lies.
    reference, current : sequence of float, same length
        Rows of each bin, or shares; either side is scaled to 100 %. Of more than 24, those that moved most are shown.
    """
    shares = _shares(bins, reference, current)
    if not shares:
        return None
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - heavy, and seldom needed
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=_INCHES, dpi=_DOTS, facecolor="white", layout="constrained")
    canvas = FigureCanvasAgg(figure)
    hidden = len(bins) - len(shares)
    title = _drawable(column, _LONGEST_TITLE) + (
        f", {len(shares)} of {len(bins)} bins, those that moved most" if hidden else ""
    )
    _bars(figure.add_subplot(), title, shares)
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


def _shares(
    bins: Sequence[str], reference: Sequence[float], current: Sequence[float]
) -> list[tuple[str, float, float]]:
    """Return each bar in percent, in the order given; of too many, those that moved most."""
    whole, now = (math.fsum(side) for side in (reference, current))
    if not (len(bins) == len(reference) == len(current)) or not (0 < whole < math.inf and 0 < now < math.inf):
        return []
    bars = [
        (_drawable(name, _LONGEST), 100 * old / whole, 100 * new / now)
        for name, old, new in zip(bins, reference, current, strict=True)
    ]
    if len(bars) <= _MOST_BARS:
        return bars
    moved = sorted(range(len(bars)), key=lambda place: -abs(bars[place][1] - bars[place][2]))
    return [bars[place] for place in sorted(moved[:_MOST_BARS])]


def _bars(axes: Axes, title: str, shares: list[tuple[str, float, float]]) -> None:
    places = range(len(shares))
    axes.bar([place - 0.2 for place in places], [bar[1] for bar in shares], 0.4, color=_REFERENCE, label="reference")
    axes.bar([place + 0.2 for place in places], [bar[2] for bar in shares], 0.4, color=_CURRENT, label="current")
    tilt = 0 if sum(len(bar[0]) + 2 for bar in shares) < 70 else 60
    aligned: dict[str, Any] = {"parse_math": False, "rotation": tilt, "ha": "right" if tilt else "center"}
    axes.set_xticks(list(places), [bar[0] for bar in shares], fontsize=7, fontfamily="DejaVu Sans", **aligned)
    axes.tick_params(axis="y", labelsize=7)
    axes.set_ylabel("% of rows", fontsize=8, color=_INK)
    axes.set_title(title, fontsize=9, color=_INK, loc="left", fontfamily="DejaVu Sans", parse_math=False)
    axes.legend(fontsize=7, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)


def _drawable(text: str, limit: int) -> str:
    """Return text whose every letter the font has, a box in place of others."""
    from matplotlib.font_manager import findfont, get_font  # noqa: PLC0415

    known = get_font(findfont("DejaVu Sans")).get_char_index
    return "".join(letter if known(ord(letter)) else "□" for letter in plain(text, limit))
