"""A trail: one number over the windows of a past, a place for every window."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from monitor.domain.measurement import Group
from monitor.service.view.past import Past
from monitor.store import points
from monitor.store.text import bare

Numbers = tuple[float | None, ...]


@dataclass(frozen=True, eq=False)
class Trail:
    """Values of one series, aligned with the windows of its past; None where a window has none.

    ``low`` and ``high`` bound the 95 % interval, ``n`` counts the rows that entered, ``reason`` says why there is no
    value.
    """

    metric: str
    column: str | None
    group: Group | None
    version: str | None
    value: Numbers
    low: Numbers
    high: Numbers
    n: tuple[int, ...]
    reason: tuple[str | None, ...]

    @property
    def last(self) -> int | None:
        """The place of the newest window that has a value."""
        return next((i for i in range(len(self.value) - 1, -1, -1) if self.value[i] is not None), None)


def trails(conn: Connection, past: Past, series: Collection[int], runs: tuple[int, int] | None = None) -> list[Trail]:
    """Return the trails of some series, in their order, in one query; with ``runs`` of those from first to last."""
    size, places = len(past.windows), past.places
    made = {number: _blank(size) for number in series}
    for number, run, value, low, high, n, reason in points.full(conn, series, *(runs or past.extent)):
        place = places.get(run)
        if place is not None:
            values, lows, highs, ns, reasons = made[number]
            values[place], lows[place], highs[place], ns[place] = value, low, high, n
            reasons[place] = None if reason is None else bare(reason)
    return [_trail(past, number, made[number]) for number in made]


def of_metrics(conn: Connection, past: Past, *metrics: str, column: str | None = None) -> dict[str, Trail]:
    """Return the trails of some metrics at one column by metric; those never measured are left out."""
    found = {trail.metric: trail for trail in trails(conn, past, past.named(*metrics, column=column))}
    return {metric: found[metric] for metric in metrics if metric in found}


def _blank(size: int) -> tuple[list, list, list, list, list]:  # type: ignore[type-arg]
    return [None] * size, [None] * size, [None] * size, [0] * size, [None] * size


def _trail(past: Past, number: int, made: tuple[list, ...]) -> Trail:  # type: ignore[type-arg]
    key = past.keys[number]
    group = None if key.group is None else json.loads(key.group)
    value, low, high, n, reason = map(tuple, made)
    return Trail(key.metric, key.column, group, key.version, value, low, high, n, reason)
