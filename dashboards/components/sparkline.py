"""A sparkline: the last values of a metric as a small line with its interval; takes the colour of the text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote

from dash import html

from dashboards.components.aria import aria
from dashboards.components.number import digits
from monitor.service.view.trend import Point

At = Callable[[int, float], str]
WIDTH, HEIGHT = 240, 48
PAD = 3


def sparkline(points: Sequence[Point], baseline: float | None = None, *, name: str = "") -> html.Div:
    """Return a line of the last values, gaps left open, the interval as a band, the reference as dashes.

    It is drawn as a mask over the colour of the text, so that it follows the scheme without being drawn again, and
    holds nothing but numbers.

    Parameters
    ----------
    baseline : float, optional
        The value in the reference period.
    name : str
        The metric, for those who do not see it.
    """
    known = [point.value for point in points if point.value is not None]
    if not known:
        return html.Div(className="spark none")
    image = f'url("data:image/svg+xml,{quote(drawing(points, baseline))}")'
    said = f"{name}: the last {len(points)} windows, {digits(min(known))} to {digits(max(known))}"
    return html.Div(
        className="spark", role="img", style={"maskImage": image, "WebkitMaskImage": image}, **aria(label=said)
    )


def drawing(points: Sequence[Point], baseline: float | None = None) -> str:
    """Return the line as SVG text."""
    low, high = _range(points, baseline)
    step = WIDTH / max(1, len(points) - 1)

    def at(place: int, value: float) -> str:
        return f"{place * step:.1f},{PAD + (HEIGHT - 2 * PAD) * (1 - (value - low) / (high - low)):.1f}"

    parts = list(_bands(points, at)) + list(_lines(points, at))
    if baseline is not None:
        ends = at(0, baseline), at(max(1, len(points) - 1), baseline)
        parts.insert(0, f'<path d="M{ends[0]}L{ends[1]}" stroke-width="1" stroke-dasharray="3 4" opacity=".45"/>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none"'
    return f'{head} fill="none" stroke="#000"><g stroke-linejoin="round">{"".join(parts)}</g></svg>'


def stretches(points: Sequence[Point]) -> Iterator[list[tuple[int, Point]]]:
    """Yield the points that follow each other without a gap, each with its place."""
    run: list[tuple[int, Point]] = []
    for place, point in enumerate(points):
        if point.value is not None:
            run.append((place, point))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _range(points: Sequence[Point], baseline: float | None) -> tuple[float, float]:
    """Return the lowest and highest value shown; wide intervals are cut, as they would flatten the line."""
    values = [point.value for point in points if point.value is not None]
    low, high = min(values), max(values)
    if baseline is not None:
        low, high = min(low, baseline), max(high, baseline)
    room = (high - low) * 0.15 or abs(high) * 0.05 or 1.0
    return low - room, high + room


def _bands(points: Sequence[Point], at: At) -> Iterator[str]:
    for run in stretches(points):
        both = [(place, one.low, one.high) for place, one in run if one.low is not None and one.high is not None]
        if len(both) > 1:
            over = "L".join(at(place, high) for place, _, high in both)
            under = "L".join(at(place, low) for place, low, _ in reversed(both))
            yield f'<path d="M{over}L{under}Z" fill="#000" stroke="none" opacity=".16"/>'


def _lines(points: Sequence[Point], at: At) -> Iterator[str]:
    for run in stretches(points):
        way = "L".join(at(place, one.value) for place, one in run if one.value is not None)
        if len(run) == 1:
            way += f"L{way}"
        wide = 'stroke-width="1.75" stroke-linecap="round" vector-effect="non-scaling-stroke"'
        yield f'<path d="M{way}" {wide}/>'
