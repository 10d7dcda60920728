"""The label-delay curve: what share of a model's rows has its ground truth by which age."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

_MINUTES, _HOURS = (1, 5, 15), (1, 2, 4, 8, 12)
_DAYS = (1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90)
AGES = (
    *(timedelta(minutes=n) for n in _MINUTES),
    *(timedelta(hours=n) for n in _HOURS),
    *(timedelta(days=n) for n in _DAYS),
)
"""The ages at which the curve is known, evenly spread over their logarithm."""

LEAST_ROWS = 100  # a curve of fewer rows is unknown


@dataclass(frozen=True, slots=True)
class Arrived:
    """How the ground truth of one tile came: ``by_age[i]`` of its ``rows`` were labelled at the age ``AGES[i]``.

    None where nobody looked at that age. ``final`` are the rows labelled when the horizon closed, None when it has
    not, or nobody looked since.
    """

    rows: int
    by_age: tuple[int | None, ...]
    final: int | None = None


@dataclass(frozen=True, slots=True)
class DelayCurve:
    """The share of rows whose ground truth has arrived by each of ``ages``, ascending, 0 to 1.

    ``final`` is the share that has it when the horizon closes; ``rows`` are those it was learned from.
    """

    ages: tuple[timedelta, ...]
    shares: tuple[float, ...]
    final: float
    rows: int

    def at(self, age: timedelta) -> float:
        """Return the share that has arrived at an age, that of the last age known before it; 0 before the first.

        Examples
        --------
        >>> curve = DelayCurve((timedelta(hours=1), timedelta(days=1)), (0.2, 0.6), 0.8, 1000)
        >>> curve.at(timedelta(minutes=1)), curve.at(timedelta(hours=3)), curve.at(timedelta(days=1))
        (0.0, 0.2, 0.6)
        """
        known = bisect_right(self.ages, age)
        return self.shares[known - 1] if known else 0.0

    def within(self, share: float) -> timedelta | None:
        """Return the age by which a share of the ground truth that ever comes is there; None when only at the close.

        Examples
        --------
        >>> curve = DelayCurve((timedelta(hours=1), timedelta(days=1)), (0.2, 0.6), 0.8, 1000)
        >>> curve.within(0.5), curve.within(0.95)
        (datetime.timedelta(days=1), None)
        """
        return next((age for age, seen in zip(self.ages, self.shares, strict=True) if seen >= share * self.final), None)


def learn(tiles: Iterable[Arrived], horizon: timedelta) -> DelayCurve | None:
    """Return the curve of tiles whose horizon has closed, None when they are too few rows to tell.

    Each age's share is taken over the tiles that were looked at then, and shares are evened out so that they never
    fall with age.

    Parameters
    ----------
    tiles : iterable of Arrived
        Those without ``final`` are left out.
    horizon : timedelta
        Ages from it on are left out: by then everything counts as arrived that will.

    Examples
    --------
    >>> none = (None,) * (len(AGES) - 1)
    >>> learn([Arrived(200, (50, *none), 160)], timedelta(days=30))
    DelayCurve(ages=(datetime.timedelta(seconds=60),), shares=(0.25,), final=0.8, rows=200)
    """
    closed = [tile for tile in tiles if tile.final is not None and tile.rows > 0]
    rows = sum(tile.rows for tile in closed)
    if rows < LEAST_ROWS:
        return None
    points = []
    for i in range(bisect_left(AGES, horizon)):
        seen = [(tile.by_age[i], tile.rows) for tile in closed if tile.by_age[i] is not None]
        if any(n for _, n in seen):
            points.append((AGES[i], sum(min(y or 0, n) for y, n in seen), sum(n for _, n in seen)))
    points.append((horizon, sum(min(tile.final or 0, tile.rows) for tile in closed), rows))
    shares = _rising([(labelled / n, n) for _, labelled, n in points])
    return DelayCurve(tuple(age for age, _, _ in points[:-1]), tuple(shares[:-1]), shares[-1], rows)


def maturity(coverage: float | None, expected: float | None) -> float:
    """Return how much of the ground truth that will ever come is there, 0 to 1.

    Parameters
    ----------
    coverage : float, optional
        Share of all rows that have ground truth; None counts as 0.
    expected : float, optional
        The final share of the delay curve; None, or 0, while nothing is known: then of all rows.

    Examples
    --------
    >>> maturity(0.38, 0.4), maturity(0.38, None), maturity(0.5, 0.4)
    (0.95, 0.38, 1.0)
    """
    return min(1.0, (coverage or 0.0) / (expected or 1.0))


def step(age: timedelta) -> int | None:
    """Return the place in `AGES` of the last one that an age has reached, None before the first.

    Examples
    --------
    >>> step(timedelta(seconds=1)), step(timedelta(minutes=1)), step(timedelta(days=400)) == len(AGES) - 1
    (None, 0, True)
    """
    reached = bisect_right(AGES, age)
    return reached - 1 if reached else None


def _rising(points: Sequence[tuple[float, float]]) -> list[float]:
    """Return the nearest values, by weighted squares, that never fall: neighbours out of order share their mean."""
    blocks: list[tuple[float, float, int]] = []
    for value, weight in points:
        blocks.append((value, weight, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (a, v, i), (b, w, j) = blocks[-2:]
            blocks[-2:] = [((a * v + b * w) / (v + w), v + w, i + j)]
    return [value for value, _, number in blocks for _ in range(number)]
