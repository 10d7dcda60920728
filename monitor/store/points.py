"""Points: the stored numbers of a few series over many windows, for those who draw them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from monitor.store.conflict import chunks
from monitor.store.tables import measurements

if TYPE_CHECKING:
    from sqlalchemy import Connection

SERIES_AT_ONCE = 500
_FULL = ("series_id", "run_id", "value", "low", "high", "n", "reason")
_BARE = ("series_id", "run_id", "value")

Point = tuple[int, int, float | None, float | None, float | None, int, str | None]
Bare = tuple[int, int, float | None]


def full(conn: Connection, series: Collection[int], first: int, last: int) -> list[Point]:
    """Return series, run, value, low, high, n and reason of the runs numbered from first to last, in no order.

    Runs are given as a range and not one by one: rows of a series lie side by side, and those of revisions that were
    replaced are left to the caller.
    """
    return _read(conn, _FULL, series, first, last)


def bare(conn: Connection, series: Collection[int], first: int, last: int) -> list[Bare]:
    """Return series, run and value only, where that is all that is drawn."""
    return _read(conn, _BARE, series, first, last)


def largest(conn: Connection, series: Collection[int], first: int, last: int) -> dict[int, float]:
    """Return the largest value of each series among the runs numbered from first to last; of some there is none."""
    found: dict[int, float] = {}
    for chunk in chunks(series, SERIES_AT_ONCE):
        chosen = select(measurements.c.series_id, func.max(measurements.c.value)).where(
            measurements.c.series_id.in_(chunk), measurements.c.run_id.between(first, last)
        )
        rows = conn.execute(chosen.group_by(measurements.c.series_id))
        found.update({number: value for number, value in rows if value is not None})
    return found


def firsts(conn: Connection, series: Collection[int]) -> dict[int, int]:
    """Return the first run of each series that has rows in it, by its number."""
    found: dict[int, int] = {}
    for chunk in chunks(series, SERIES_AT_ONCE):
        first = func.min(measurements.c.run_id).label("first")
        chosen = select(measurements.c.series_id, first).where(
            measurements.c.series_id.in_(chunk), measurements.c.value > 0
        )
        found |= {row.series_id: row.first for row in conn.execute(chosen.group_by(measurements.c.series_id))}
    return found


def _read(conn: Connection, names: tuple[str, ...], series: Collection[int], first: int, last: int) -> list[Any]:
    found: list[Any] = []
    for chunk in chunks(series, SERIES_AT_ONCE):
        chosen = select(*(measurements.c[name] for name in names)).where(
            measurements.c.series_id.in_(chunk), measurements.c.run_id.between(first, last)
        )
        # the driver's own tuples: nothing here needs converting, and there are a hundred thousand of them
        found += conn.execute(chosen).cursor.fetchall()
    return found
