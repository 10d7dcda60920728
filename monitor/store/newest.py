"""The newest value of a metric: looked for from the newest window backwards, so that a long history costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, exists, select

from monitor.domain.measurement import Measurement
from monitor.store import runs as ledger
from monitor.store.series import SeriesKey, series_digest
from monitor.store.tables import measurements, runs, series

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Row

    from monitor.store.runs import Run


def newest_values(conn: Connection, wanted: Mapping[int, tuple[str, str]]) -> dict[int, Measurement]:
    """Return the newest value of a metric that is not null, for all rows of each model; of some there is none.

    Parameters
    ----------
    wanted : mapping of int to (str, str)
        Name and metric of each model, by its number.
    """
    keys = {model_id: series_digest(SeriesKey(None, metric, None, None)) for model_id, (_, metric) in wanted.items()}
    named = select(series.c.model_id, series.c.key, series.c.id).where(series.c.key.in_(set(keys.values())))
    numbers = {row.model_id: row.id for row in conn.execute(named) if keys.get(row.model_id) == row.key}
    # Put together once: it is asked for every model.
    mine = measurements.c.series_id == bindparam("series")
    valued = exists().where(mine, measurements.c.run_id == runs.c.id, measurements.c.value.is_not(None))
    backwards = select(runs).where(runs.c.model_id == bindparam("model"), ledger.newest(), valued)
    backwards = backwards.order_by(runs.c.window_start.desc(), runs.c.window_end.desc()).limit(1)
    value = select(measurements).where(mine, measurements.c.run_id == bindparam("run"))
    found = {}
    for model_id, number in numbers.items():
        row = conn.execute(backwards, {"model": model_id, "series": number}).first()
        if row is not None:
            run = ledger.read_run(row)
            told = conn.execute(value, {"run": run.id, "series": number}).one()
            found[model_id] = _measurement(*wanted[model_id], run, told)
    return found


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
