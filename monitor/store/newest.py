"""The newest value of a metric: looked for from the newest window backwards, so that a long history costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, select

from monitor.domain.measurement import Measurement
from monitor.store import runs as ledger
from monitor.store.conflict import chunks
from monitor.store.series import SeriesKey, series_digest
from monitor.store.tables import measurements, runs, series

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Row, Select

    from monitor.store.runs import Run

AT_ONCE = 500


def newest_values(conn: Connection, wanted: Mapping[int, tuple[str, str]]) -> dict[int, Measurement]:
    """Return what `newest` does without the runs."""
    return {number: found for number, (found, _) in newest(conn, wanted).items()}


def newest(
    conn: Connection, wanted: Mapping[int, tuple[str, str]], group: str | None = None
) -> dict[int, tuple[Measurement, Run]]:
    """Return the newest value of a metric that is not null, for all rows of each model, and the run that stored it.

    Of a model that never had one there is nothing.

    Parameters
    ----------
    wanted : mapping of int to (str, str)
        Name and metric of each model, by its number.
    group : str, optional
        Of this group or segment, as JSON text, instead of all rows.
    """
    keys = {model_id: series_digest(SeriesKey(None, metric, None, group)) for model_id, (_, metric) in wanted.items()}
    named = select(series.c.model_id, series.c.key, series.c.id).where(series.c.key.in_(set(keys.values())))
    numbers = {row.model_id: row.id for row in conn.execute(named) if keys.get(row.model_id) == row.key}
    found: dict[int, tuple[Measurement, Run]] = {}
    for chunk in chunks(numbers.values(), AT_ONCE):
        at = {row.run: row.series for row in conn.execute(_places(chunk))}  # a run is of one model
        beside = measurements.c.series_id.in_(chunk), measurements.c.run_id.in_(at)
        values = {row.run_id: row for row in conn.execute(select(measurements).where(*beside))
                  if at[row.run_id] == row.series_id}  # fmt: skip
        for row in conn.execute(select(runs).where(runs.c.id.in_(at))):
            run = ledger.read_run(row)
            found[run.model_id] = _measurement(*wanted[run.model_id], run, values[run.id]), run
    return found


def _places(numbers: list[int]) -> Select[Any]:
    """Return the query of the run of each series' newest value, looked for backwards one series at a time."""
    mine = measurements.alias("mine")
    valued = exists().where(mine.c.series_id == series.c.id, mine.c.run_id == runs.c.id, mine.c.value.is_not(None))
    valued = valued.correlate(series, runs)  # by itself it would take any series: that of the query outside is too far
    backwards = select(runs.c.id).where(runs.c.model_id == series.c.model_id, ledger.newest(), valued)
    backwards = backwards.order_by(runs.c.window_start.desc(), runs.c.window_end.desc()).limit(1)
    at = select(series.c.id.label("series"), backwards.scalar_subquery().label("run"))
    places = at.where(series.c.id.in_(numbers)).subquery()
    return select(places).where(places.c.run.is_not(None))


def _measurement(model: str, metric: str, run: Run, row: Row[Any]) -> Measurement:
    return Measurement(
        model=model,
        window_start=run.window.start,
        window_end=run.window.end,
        metric=metric,
        value=row.value,
        n=row.n,
        revision=run.revision,
        low=row.low,
        high=row.high,
        provisional=row.provisional,
        in_reference=run.outcome.in_reference,
        reason=row.reason,
    )
