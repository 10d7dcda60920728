"""A distribution: where a column's rows lie in a window and in its reference, over few enough bins to be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from monitor.domain.model import CLASS_SCORE, published_name
from monitor.profile.bins import CategoricalBins, Floats, Ints, NumericBins
from monitor.profile.histogram import Histogram
from monitor.service.view.counts import Counts

BARS = 40
NAMED = 14  # categories shown by name
DISCRETE = 24  # up to so many different numbers are shown as values, not as stretches
TAIL = 0.005


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, or the stretch [low, high) of a number, and the share of the rows of either side in it.

    ``scale`` is what shares are multiplied by for a bar of a stretch that is wider or narrower than the others, so
    that equal densities stand equally high.
    """

    name: str
    reference: float | None
    current: float | None
    low: float | None = None
    high: float | None = None
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Distribution:
    """A column's rows by bar; ``apart`` are those beyond the range, unseen and missing; ``rest`` counts categories.

    ``rows`` and ``reference_rows`` count all rows, those without a value too.
    """

    column: str
    numeric: bool
    bars: tuple[Bar, ...]
    apart: tuple[Bar, ...]
    rows: int
    reference_rows: int


def distribution(counts: Counts, column: str, label: str | None = None) -> Distribution | None:
    """Return a published column's distribution, of a class of a score where one is named; None without counts."""
    name = _name(counts, column, label)
    if name is None:
        return None
    sides = [None if side is None else side.histogram(name) for side in (counts.reference, counts.current)]
    before, now = sides
    bins = counts.standard.layout.bins[name]
    ours = (before.counts if before else None, now.counts if now else None)
    totals = tuple(0 if side is None else int(side.sum()) for side in ours)
    if isinstance(bins, CategoricalBins):
        bars, apart = _categories(bins, ours)
    elif before is not None and int((before.counts[1:-2] > 0).sum()) <= DISCRETE and _points_only(bins, before):
        bars, apart = _values(bins, ours)
    else:
        bars, apart = _stretches(bins, ours)
    numeric = isinstance(bins, NumericBins)
    return Distribution(column, numeric and bars[0].low is not None, tuple(bars), tuple(apart), totals[1], totals[0])


def _name(counts: Counts, column: str, label: str | None) -> str | None:
    names = [name for name in counts.standard.layout.bins if published_name(name) == column]
    if label is not None:
        names = [name for name in names if name == CLASS_SCORE + label] or names
    return names[0] if names else None


Sides = tuple[Ints | None, Ints | None]


def _shares(sides: Sides, chosen: Sequence[int] | Ints | slice) -> tuple[float | None, float | None]:
    found = []
    for side in sides:
        total = 0 if side is None else int(side.sum())
        found.append(None if side is None or not total else float(side[chosen].sum()) / total)
    return found[0], found[1]


def _categories(bins: CategoricalBins, sides: Sides) -> tuple[list[Bar], list[Bar]]:
    weight = sum((side[:-3] / max(1, side.sum()) for side in sides if side is not None), np.zeros(len(bins) - 3))
    order = np.argsort(-weight, kind="stable")
    first, rest = order[:NAMED], order[NAMED:]
    bars = [Bar(bins.categories[i], *_shares(sides, [i])) for i in first.tolist()]
    others = [*rest.tolist(), bins.other]
    number = len(rest) + len(bins.known)
    if number:
        bars.append(Bar(f"{number} others", *_shares(sides, others)))
    return bars, [Bar("unseen", *_shares(sides, [bins.unseen])), Bar("missing", *_shares(sides, [len(bins) - 1]))]


def _points_only(bins: NumericBins, histogram: Histogram) -> bool:
    inner = histogram.counts[:-1]
    return bool(inner[bins.points[:-1]].sum() == inner.sum())


def _values(bins: NumericBins, sides: Sides) -> tuple[list[Bar], list[Bar]]:
    at = np.flatnonzero(bins.points)
    bars = [Bar(f"{bins.edges[i - 1]:.6g}", *_shares(sides, [i])) for i in at.tolist()]
    between = [i for i in range(1, len(bins) - 2) if not bins.points[i]]
    return bars, [
        Bar("between", *_shares(sides, between)),
        Bar("below", *_shares(sides, [0])),
        Bar("above", *_shares(sides, [len(bins) - 2])),
        Bar("missing", *_shares(sides, [len(bins) - 1])),
    ]


def _stretches(bins: NumericBins, sides: Sides) -> tuple[list[Bar], list[Bar]]:
    cuts = _cuts(bins.edges, bins.mass)
    nominal = (bins.edges[cuts[-1]] - bins.edges[cuts[0]]) / max(1, min(BARS, len(cuts) - 1))
    bars = []
    for a, b in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        low, high = float(bins.edges[a]), float(bins.edges[b])
        scale = float(nominal / (high - low)) if high > low else 1.0
        bars.append(Bar(f"{low:.4g} to {high:.4g}", *_shares(sides, slice(a + 1, b + 1)), low, high, scale))
    below, above = slice(0, int(cuts[0]) + 1), slice(int(cuts[-1]) + 1, len(bins) - 1)
    return bars, [
        Bar(f"below {_short(bins.edges[cuts[0]])}", *_shares(sides, below)),
        Bar(f"above {_short(bins.edges[cuts[-1]])}", *_shares(sides, above)),
        Bar("missing", *_shares(sides, [len(bins) - 1])),
    ]


def _short(edge: float) -> str:
    return f"{edge:.4g}" if abs(edge) >= 1e-3 else f"{edge:.1g}"


def _cuts(edges: Floats, mass: Ints) -> Ints:
    """Return which edges to cut at: about evenly spread over where all but the reference's tails lie."""
    inside = np.cumsum(mass[:-1])
    total = max(1, int(inside[-1]))
    first = int(np.searchsorted(inside, TAIL * total, side="right"))
    last = int(np.searchsorted(inside, (1 - TAIL) * total, side="left"))
    first, last = max(0, min(first, len(edges) - 2) - 1), max(1, min(last, len(edges) - 1))
    grid = np.linspace(edges[first], edges[last], BARS + 1)
    found = np.unique(np.clip(np.searchsorted(edges, grid), first, last)).tolist()
    least = (edges[last] - edges[first]) / BARS / 2
    kept = [first]
    for at in found:
        if edges[at] - edges[kept[-1]] >= least:
            kept.append(at)
    if kept[-1] != last:  # a sliver at the end would stand far above the rest
        kept[-1 if len(kept) > 1 else 1 :] = [last]
    return np.array(kept)
