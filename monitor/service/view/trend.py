"""Trends: the last values of one metric of every model, for the small lines of an overview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, literal, select, union_all

from monitor.store import models
from monitor.store import runs as ledger
from monitor.store.conflict import chunks
from monitor.store.engine import Store
from monitor.store.series import SeriesKey, series_digest
from monitor.store.tables import measurements, runs, series

WINDOWS = 40
AT_ONCE = 100  # models asked for in one statement


@dataclass(frozen=True, slots=True)
class Point:
    """One window's value with its interval; ``value`` is None where there is none, such as before ground truth."""

    start: datetime
    value: float | None = None
    low: float | None = None
    high: float | None = None
    provisional: bool = False


def trends(store: Store, wanted: Mapping[str, str], *, windows: int = WINDOWS) -> dict[str, tuple[Point, ...]]:
    """Return the newest values of a metric for all rows, oldest first; of models without a window there is none.

    A few statements for a hundred models, each reading the newest windows only.

    Parameters
    ----------
    wanted : mapping of str to str
        The metric of each model, by its name.
    windows : int
        How many of the newest windows.
    """
    with store.read() as conn:
        numbers = {found.id: found.name for found in models.every(conn, retired=True) if found.name in wanted}
        lines = _lines(conn, {number: wanted[name] for number, name in numbers.items()})
        found: dict[str, list[Point]] = {}
        for chunk in chunks(sorted(numbers), AT_ONCE):
            parts = [_newest(number, lines.get(number, -1), windows) for number in chunk]
            for row in conn.execute(union_all(*parts)):
                point = Point(row.window_start, row.value, row.low, row.high, bool(row.provisional))
                found.setdefault(numbers[row.number], []).append(point)
    return {name: tuple(sorted(points, key=lambda point: point.start)) for name, points in found.items()}


def _lines(conn: Connection, metrics: Mapping[int, str]) -> dict[int, int]:
    """Return the number of each model's series."""
    keys = {number: series_digest(SeriesKey(None, metric, None, None)) for number, metric in metrics.items()}
    named = select(series.c.model_id, series.c.key, series.c.id).where(series.c.key.in_(set(keys.values())))
    return {row.model_id: row.id for row in conn.execute(named) if keys.get(row.model_id) == row.key}


def _newest(number: int, line: int, windows: int) -> Select[Any]:
    """Return the newest windows of one model with their values."""
    last = select(runs.c.id, runs.c.window_start, runs.c.provisional).where(runs.c.model_id == number, ledger.newest())
    last_ones = last.order_by(runs.c.window_start.desc()).limit(windows).subquery()
    mine = and_(measurements.c.run_id == last_ones.c.id, measurements.c.series_id == line)
    value = (measurements.c.value, measurements.c.low, measurements.c.high)
    chosen = select(literal(number).label("number"), last_ones.c.window_start, *value, last_ones.c.provisional)
    return chosen.select_from(last_ones.outerjoin(measurements, mine))
