"""The measurements: append-only, each belonging to one run; reads give the latest revision."""

from __future__ import annotations

import json
import math
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from monitor.domain.measurement import Measurement
from monitor.errors import StoreError
from monitor.store import models, runs, series
from monitor.store.conflict import chunks
from monitor.store.series import SeriesKey, group_text
from monitor.store.tables import measurements
from monitor.store.tables import runs as runs_table
from monitor.store.text import armour

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from monitor.domain.measurement import Group
    from monitor.store.models import StoredModel
    from monitor.store.runs import Run

BATCH = 5_000
COLUMNS = ("series_id", "run_id", "value", "low", "high", "n", "provisional", "reason")
POSTGRES_TYPES = ("bigint", "bigint", "float8", "float8", "float8", "bigint", "boolean", "text")
INSERT = f"INSERT INTO measurements ({', '.join(COLUMNS)})"
RUNS_AT_ONCE = 500
ROWS_AT_ONCE = 100_000
NAMED_SERIES = 200


class Unset(Enum):
    """The mark for a filter that is not set, where None means null."""

    ANY = "any"


ANY: Final = Unset.ANY


def insert_many(conn: Connection, model_id: int, run_id: int, found: Iterable[Measurement]) -> int:
    """Append one run's measurements; returns how many.

    Their model, window, revision and ``in_reference`` are the run's.

    Raises
    ------
    StoreError
        A value is NaN or infinite, or two measurements have one name; nothing may be committed.
    """
    rows = [(_key(m), m) for m in found]
    numbers = series.ids(conn, model_id, (key for key, _ in rows))
    _refuse_twice(rows, numbers)
    for chunk in chunks(rows, BATCH):
        _append(conn, [_row(numbers[key], run_id, m) for key, m in chunk])
    return len(rows)


def query(
    conn: Connection,
    *,
    model: str | None = None,
    metric: str | None = None,
    column: str | Unset | None = ANY,
    group: Group | Unset | None = ANY,
    version: str | Unset | None = ANY,
    start: datetime | None = None,
    end: datetime | None = None,
    all_revisions: bool = False,
    as_of: datetime | None = None,
    run_ids: Collection[int] | None = None,
) -> Iterator[Measurement]:
    """Yield stored measurements, model by model, oldest window first, the latest revision only.

    Parameters
    ----------
    model, metric : str, optional
        Only these; names that are not there give nothing.
    column, group, version : optional
        Only these; None means measurements without one, ``ANY`` (the default) all.
    start, end : datetime, optional
        Only windows that begin in [start, end).
    all_revisions : bool
        Whether older revisions come too, after one another.
    as_of : datetime, optional
        As the store stood at that instant.
    run_ids : collection of int, optional
        Only what these runs stored, whatever their revision.
    """
    only = None if run_ids is None else frozenset(run_ids)
    for stored in _models(conn, model):
        chosen = runs.between(start, end).where(runs_table.c.model_id == stored.id)
        if only is None:
            chosen = chosen.where(runs.done(as_of) if all_revisions else runs.newest(as_of))
        found = [runs.read_run(row) for row in conn.execute(chosen)]
        found = [run for run in found if only is None or run.id in only]
        names = series.every(conn, stored.id)
        names = {n: k for n, k in names.items() if _wanted(k, metric, column, group, version)}
        yield from _read(conn, stored.name, found, names)


def _models(conn: Connection, name: str | None) -> list[StoredModel]:
    if name is None:
        return models.every(conn, retired=True)
    found = models.find(conn, name)
    return [found] if found else []


def _wanted(
    key: SeriesKey,
    metric: str | None,
    column: str | Unset | None,
    group: Group | Unset | None,
    version: str | Unset | None,
) -> bool:
    return (
        metric in {None, key.metric}
        and column in {ANY, key.column}
        and version in {ANY, key.version}
        and (group is ANY or group == _group(key))
    )


def _read(conn: Connection, model: str, found: list[Run], names: dict[int, SeriesKey]) -> Iterator[Measurement]:
    """Yield the runs' measurements in the order of the runs, then of the series.

    Series and runs are chosen beforehand and asked for by number: both databases then read only the
    rows that are wanted, whatever their planners think.
    """
    columns = (c for c in measurements.c if c.name != "series_id")
    at_once = max(1, min(RUNS_AT_ONCE, ROWS_AT_ONCE // max(1, len(names))))
    groups = {number: _group(key) for number, key in names.items()}
    chosen = select(measurements.c.series_id, *columns)
    if len(names) <= NAMED_SERIES:
        chosen = chosen.where(measurements.c.series_id.in_(names))
    for chunk in chunks(found if names else (), at_once):
        by_id = {run.id: (place, run) for place, run in enumerate(chunk)}
        rows = conn.execute(chosen.where(measurements.c.run_id.in_(by_id))).all()
        for row in sorted(rows, key=lambda row: (by_id[row.run_id][0], row.series_id)):
            if row.series_id in names:
                number = row.series_id
                yield _measurement(model, by_id[row.run_id][1], names[number], groups[number], row)


def _measurement(model: str, run: Run, key: SeriesKey, group: Group | None, row: Row[Any]) -> Measurement:
    return Measurement(
        model=model,
        window_start=run.window.start,
        window_end=run.window.end,
        metric=key.metric,
        value=row.value,
        n=row.n,
        column=key.column,
        group=group,
        version=key.version,
        revision=run.revision,
        low=row.low,
        high=row.high,
        provisional=row.provisional,
        in_reference=run.outcome.in_reference,
        reason=row.reason,
    )


def _group(key: SeriesKey) -> Group | None:
    return None if key.group is None else json.loads(key.group)


def _key(found: Measurement) -> SeriesKey:
    return SeriesKey(found.version, found.metric, found.column, group_text(found.group))


def _row(series_id: int, run_id: int, found: Measurement) -> tuple[Any, ...]:
    value, low, high = found.value, found.low, found.high
    for number in (value, low, high):
        if number is not None and not math.isfinite(number):
            hint = "a metric gives None and a reason when it is undefined"
            raise StoreError(f"{_name(found)} is {number}, which is not stored.", hint)
    reason = None if found.reason is None else armour(found.reason)
    return series_id, run_id, value, low, high, found.n, found.provisional, reason


def _append(conn: Connection, rows: list[tuple[Any, ...]]) -> None:
    """Insert past SQLAlchemy's per-row work, which would take longer than the database's."""
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql(f"{INSERT} VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    else:
        arrays = ", ".join(f"%s::{kind}[]" for kind in POSTGRES_TYPES)
        columns = tuple(map(list, zip(*rows, strict=True)))
        conn.exec_driver_sql(f"{INSERT} SELECT * FROM unnest({arrays})", columns)  # noqa: S608 - constants


def _refuse_twice(rows: list[tuple[SeriesKey, Measurement]], numbers: dict[SeriesKey, int]) -> None:
    seen: set[int] = set()
    for key, found in rows:
        if numbers[key] in seen:
            raise StoreError(f"{_name(found)} was measured twice in one window.", "give it once")
        seen.add(numbers[key])


def _name(found: Measurement) -> str:
    of = f" of {found.column!r}" if found.column is not None else ""
    within = f" in {group_text(found.group)}" if found.group is not None else ""
    return f"The metric {found.metric!r}{of}{within}"
