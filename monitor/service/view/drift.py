"""Drift by column: how far each has moved in every window, ranked by what that matters to the model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from monitor.domain.verdict import Severity
from monitor.service.view.bearing import Bearings
from monitor.service.view.limit import Rulebook
from monitor.service.view.past import Past
from monitor.store import points
from monitor.store.series import SeriesKey

EFFECT, CHANCE = "drift_effect", "drift_pvalue"
MOST_CELLS = 180  # windows across: beyond it neighbours share a cell
MOST_COLUMNS = 30
ALARMING = (EFFECT, "missing_rate_change", "unseen_rate", "out_of_range_rate")


@dataclass(frozen=True, slots=True)
class Mover:
    """One column, or one class of a score: how far it has moved in the newest window that tells.

    ``importance`` is what monitor.yaml says, None when it says nothing; ``weight``, by which it is ranked, is effect by
    importance, where those without one count like the least important. ``p_value`` is not corrected; ``severity`` and
    ``since`` are of its alarm, None when it is quiet.
    """

    name: str
    label: str | None
    effect: float | None
    limit: float | None
    p_value: float | None
    importance: float | None
    weight: float
    severity: Severity | None = None
    since: datetime | None = None
    series: int = 0

    @property
    def title(self) -> str:
        """Its name, with the class of a score behind it."""
        return self.name if self.label is None else f"{self.name} · {self.label}"


@dataclass(frozen=True, eq=False)
class Heat:
    """How far each mover was in each stretch of ``per_cell`` windows: the farthest of them, None where none tells."""

    movers: tuple[Mover, ...]
    starts: tuple[datetime, ...]
    ends: tuple[datetime, ...]
    cells: tuple[tuple[float | None, ...], ...]
    per_cell: int


def movers(
    conn: Connection, past: Past, bearings: Bearings, book: Rulebook, importance: Mapping[str, float]
) -> list[Mover]:
    """Return every column with its drift: those that alarm first, then by effect and importance."""
    chosen = {number: key for number, key in past.keys.items() if key.metric == EFFECT and _covered(past, key)}
    if not past.windows:
        return []
    now = _newest(conn, past, list(chosen), {number: key for number, key in past.keys.items() if key.metric == CHANCE})
    least = min((value for value in importance.values() if value > 0), default=None)
    found = []
    for number, key in chosen.items():
        label = _class(key)
        effect, chance = now.get((key.column, label), (None, None))
        fires = bearings.about(key.column or "", *ALARMING)
        limits = book.limits(EFFECT, key.column)
        named = importance.get(key.column or "")
        weight = (effect or 0.0) * (named if named is not None else 1.0 if least is None else least)
        found.append(
            Mover(
                key.column or "",
                label,
                effect,
                limits[0].value if limits else None,
                chance,
                named,
                weight,
                fires.severity if fires else None,
                fires.since if fires else None,
                number,
            )
        )
    return sorted(found, key=lambda one: (-_gravity(one), -one.weight, -(one.effect or 0.0), one.title))


def heat(conn: Connection, past: Past, chosen: Sequence[Mover], known: Heat | None = None) -> Heat:
    """Return the drift of some movers over the whole past; of those in a heat that is ``known`` nothing is read."""
    size = len(past.windows)
    per_cell = max(1, -(-size // MOST_CELLS))
    rows = {} if known is None else {one.series: row for one, row in zip(known.movers, known.cells, strict=True)}
    rows |= _cells(conn, past, [one.series for one in chosen if one.series not in rows], per_cell)
    starts = tuple(past.windows[i].window.start for i in range(0, size, per_cell))
    ends = tuple(past.windows[min(i + per_cell, size) - 1].window.end for i in range(0, size, per_cell))
    return Heat(tuple(chosen), starts, ends, tuple(rows[one.series] for one in chosen), per_cell)


def _cells(conn: Connection, past: Past, series: Sequence[int], per_cell: int) -> dict[int, tuple[float | None, ...]]:
    """Return the largest value of each series in each stretch of so many windows."""
    stretch = {run.id: place // per_cell for place, run in enumerate(past.windows)}
    cells: dict[int, list[float | None]] = {number: [None] * -(-len(past.windows) // per_cell) for number in series}
    for number, run, value in points.bare(conn, series, *past.extent):
        at = stretch.get(run)
        if at is not None and value is not None:
            row = cells[number]
            before = row[at]
            if before is None or value > before:
                row[at] = value
    return {number: tuple(row) for number, row in cells.items()}


def companions(found: Heat, name: str) -> list[tuple[Mover, int, int]]:
    """Return the movers that were beyond their limit when one was: (mover, cells shared, cells of that one)."""
    rows = {one.title: (one, _beyond(one, row)) for one, row in zip(found.movers, found.cells, strict=True)}
    if name not in rows:
        return []
    own = rows[name][1]
    shared = [(one, len(own & cells), len(own)) for title, (one, cells) in rows.items() if title != name]
    return sorted((each for each in shared if each[1]), key=lambda each: -each[1])


def _beyond(one: Mover, row: Sequence[float | None]) -> frozenset[int]:
    limit = one.limit
    return frozenset() if limit is None else frozenset(i for i, v in enumerate(row) if v is not None and v > limit)


def _newest(
    conn: Connection, past: Past, effects: list[int], chances: Mapping[int, SeriesKey]
) -> dict[tuple[str | None, str | None], tuple[float | None, float | None]]:
    """Return effect and p of each column in the newest window that has one, of the last few windows."""
    last = past.windows[-5:]
    first, end = min(run.id for run in last), max(run.id for run in last)
    order = {run.id: place for place, run in enumerate(last)}
    matching = [number for number, key in chances.items() if _covered(past, key)]
    values: dict[int, tuple[int, float]] = {}
    for number, run, value in points.bare(conn, [*effects, *matching], first, end):
        if value is not None and order.get(run, -1) > values.get(number, (-1, 0.0))[0]:
            values[number] = order[run], value
    chance = {(chances[n].column, _class(chances[n])): values[n][1] for n in matching if n in values}
    names = {number: (past.keys[number].column, _class(past.keys[number])) for number in effects}
    return {names[n]: (values[n][1] if n in values else None, chance.get(names[n])) for n in effects}


def _covered(past: Past, key: SeriesKey) -> bool:
    """Tell whether a series is about the rows of the lens, the classes of a score each on their own."""
    if key.version != past.lens.version or key.column == "target":
        return False
    rows = {} if key.group is None else json.loads(key.group)
    rows.pop("class", None)
    return rows == (past.lens.group or {})


def _class(key: SeriesKey) -> str | None:
    return None if key.group is None else json.loads(key.group).get("class")


def _gravity(one: Mover) -> int:
    return {None: 0, "info": 1, "warning": 2, "critical": 3}[one.severity]
