"""Windows by the page, newest first, and the measurements of windows by the page, oldest first."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, literal, select, tuple_

from monitor.domain.measurement import Group, Measurement
from monitor.service.record import instant, instant_or_none
from monitor.store import measurements, models, runs, series
from monitor.store.instant import Instant
from monitor.store.runs import Run
from monitor.store.series import SeriesKey
from monitor.store.tables import measurements as values
from monitor.store.tables import runs as ledger

MOST_AT_ONCE = 256

Place = tuple[datetime, datetime, int]  # window's start and end, number of the series


@dataclass(frozen=True, slots=True)
class Span:
    """Windows that begin in [start, end); None where it is open."""

    start: datetime | None = None
    end: datetime | None = None


def windows(
    conn: Connection, model: str, span: Span, *, after: tuple[datetime, datetime] | None, limit: int
) -> list[Run]:
    """Return measured windows as they were measured last, the newest first, those after a place in that order."""
    stored = models.find(conn, model)
    if stored is None:
        return []
    chosen = runs.between(span.start, span.end).where(ledger.c.model_id == stored.id, runs.newest()).order_by(None)
    if after is not None:
        chosen = chosen.where(tuple_(ledger.c.window_start, ledger.c.window_end) < tuple_(*map(bound, after)))
    chosen = chosen.order_by(ledger.c.window_start.desc(), ledger.c.window_end.desc()).limit(limit)
    return [runs.read_run(row) for row in conn.execute(chosen)]


def window_record(run: Run) -> dict[str, Any]:
    """Return a measured window flat, for machines."""
    found = run.outcome
    return {
        "start": instant(run.window.start),
        "end": instant(run.window.end),
        "revision": run.revision,
        "rows": found.rows,
        "labelled": found.labelled,
        "label_coverage": found.coverage,
        "provisional": found.provisional,
        "in_reference": found.in_reference,
        "late_rows": found.late,
        "cause": found.cause,
        "computed_at": instant_or_none(run.finished_at),
    }


def revisions(conn: Connection, model: str, start: datetime) -> list[Run]:
    """Return every revision of the windows that begin at an instant that was measured, the newest first."""
    stored = models.find(conn, model)
    if stored is None:
        return []
    chosen = select(ledger).where(ledger.c.model_id == stored.id, ledger.c.window_start == start, runs.done())
    order = ledger.c.window_end.desc(), ledger.c.revision.desc()
    return [runs.read_run(row) for row in conn.execute(chosen.order_by(*order))]


def measured(
    conn: Connection,
    model: str,
    span: Span,
    wanted: Callable[[SeriesKey], bool],
    *,
    after: Place | None,
    limit: int,
) -> list[tuple[Place, Measurement]]:
    """Return measurements of the latest revisions, oldest window first, those after a place in that order."""
    stored = models.find(conn, model)
    if stored is None:
        return []
    names = {number: key for number, key in series.every(conn, stored.id).items() if wanted(key)}
    found: list[tuple[Place, Measurement]] = []
    for chunk in _chunks(conn, stored.id, span, after, max(1, limit // max(1, len(names)))) if names else ():
        found += _of(conn, model, chunk, names, after)
        if len(found) >= limit:
            break
    return found[:limit]


def of_run(conn: Connection, model: str, run: Run) -> Iterator[Measurement]:
    """Yield everything that one revision of a window has measured."""
    names = series.every(conn, run.model_id)
    return (found for _, found in _of(conn, model, [run], names, None))


def same_group(group: str | Group | None) -> tuple[tuple[str, str | None], ...] | None:
    """Return a group, or its JSON text, as what it is whatever the order of its attributes; None for none.

    Examples
    --------
    >>> same_group('{"b": null, "a": "1"}') == same_group({"a": "1", "b": None})
    True
    """
    found = json.loads(group) if isinstance(group, str) else group
    return None if found is None else tuple(sorted(found.items()))


def _chunks(conn: Connection, model_id: int, span: Span, after: Place | None, size: int) -> Iterator[list[Run]]:
    """Yield windows, oldest first, in lists that grow: nobody knows how many have what is asked for."""
    begin = after[:2] if after else None
    while True:
        chosen = runs.between(span.start, span.end).where(ledger.c.model_id == model_id, runs.newest())
        if begin is not None:
            place = tuple_(ledger.c.window_start, ledger.c.window_end)
            least = tuple_(*map(bound, begin))
            chosen = chosen.where(place >= least if after and begin == after[:2] else place > least)
        found = [runs.read_run(row) for row in conn.execute(chosen.limit(size))]
        if found:
            yield found
        if len(found) < size:
            return
        begin, after = (found[-1].window.start, found[-1].window.end), None
        size = min(MOST_AT_ONCE, size * 2)


def _of(
    conn: Connection, model: str, found: list[Run], names: dict[int, SeriesKey], after: Place | None
) -> Iterator[tuple[Place, Measurement]]:
    by_id = {run.id: run for run in found}
    chosen = select(values).where(values.c.run_id.in_(by_id))
    if len(names) <= measurements.NAMED_SERIES:
        chosen = chosen.where(values.c.series_id.in_(names))
    placed = []
    for row in conn.execute(chosen):
        run = by_id[row.run_id]
        place = run.window.start, run.window.end, row.series_id
        if row.series_id in names and (after is None or place > after):
            placed.append((place, run, row))
    for place, run, row in sorted(placed, key=lambda one: one[0]):
        yield place, _measurement(model, run, names[row.series_id], row)


def _measurement(model: str, run: Run, key: SeriesKey, row: Any) -> Measurement:
    return Measurement(
        model, run.window.start, run.window.end, key.metric, row.value, row.n, key.column,
        None if key.group is None else json.loads(key.group), key.version, run.revision, row.low, row.high,
        row.provisional, run.outcome.in_reference, row.reason,
    )  # fmt: skip


def bound(at: datetime) -> ColumnElement[datetime]:
    """Return an instant as the store writes it, to compare columns with."""
    return literal(at, Instant)
