"""What columns lack: missing, unseen and out-of-range values in the newest window, and the worst within a range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from monitor.service.view.past import Past
from monitor.store import points

LACKS = ("missing_rate", "unseen_rate", "out_of_range_rate")


@dataclass(frozen=True, slots=True)
class Lack:
    """One column: the shares of its rows by metric, in the newest window that has them; ``worst`` of the range."""

    name: str
    shares: Mapping[str, float]
    worst: float | None

    @property
    def most(self) -> float:
        """The largest share in the newest window."""
        return max(self.shares.values(), default=0.0)


def lacks(conn: Connection, past: Past) -> list[Lack]:
    """Return what every column lacks, those that lack most first."""
    named = {
        number: (key.column, key.metric)
        for number, key in past.keys.items()
        if key.metric in LACKS and key.column is not None and past.covers(key)
    }
    if not named or not past.windows:
        return []
    worst = points.largest(conn, named, *past.extent)
    newest = _newest(conn, past, named)
    found: dict[str, dict[str, float]] = {column: {} for column, _ in named.values()}
    peaks: dict[str, float] = {}
    for number, (column, metric) in named.items():
        if number in newest:
            found[column][metric] = newest[number]
        if number in worst:
            peaks[column] = max(worst[number], peaks.get(column, 0.0))
    every = [Lack(column, shares, peaks.get(column)) for column, shares in found.items()]
    return sorted(every, key=lambda one: (-one.most, -(one.worst or 0.0), one.name))


def _newest(conn: Connection, past: Past, named: Mapping[int, object]) -> dict[int, float]:
    """Return the value of each series in the newest of the last few windows that has one."""
    last = past.windows[-5:]
    order = {run.id: place for place, run in enumerate(last)}
    found: dict[int, tuple[int, float]] = {}
    for number, run, value in points.bare(conn, named, min(order), max(order)):
        if value is not None and order.get(run, -1) > found.get(number, (-1, 0.0))[0]:
            found[number] = order[run], value
    return {number: value for number, (_, value) in found.items()}
