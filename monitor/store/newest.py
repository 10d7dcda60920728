"""The newest value of one metric: looked for from the newest window backwards, so that a long history costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, select

from monitor.domain.measurement import Measurement
from monitor.store.series import SeriesKey, series_digest
from monitor.store.tables import measurements, runs, series

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

FIRST_LOOK, MORE = 8, 256  # runs looked at: mostly the newest window has a value


def newest_value(conn: Connection, model: str, model_id: int, metric: str) -> Measurement | None:
    """Return a metric's newest value that is not null, for all rows of the model; None when there is none."""
    key = series_digest(SeriesKey(None, metric, None, None))
    number = conn.execute(select(series.c.id).where(series.c.model_id == model_id, series.c.key == key)).scalar()
    if number is None:
        return None
    found = and_(measurements.c.series_id == number, measurements.c.run_id == runs.c.id)
    columns = (runs.c[name] for name in ("window_start", "window_end", "revision", "in_reference"))
    values = (measurements.c[name] for name in ("value", "low", "high", "n", "provisional", "reason"))
    backwards = (
        select(*columns, *values)
        .select_from(runs.outerjoin(measurements, found))
        .where(runs.c.model_id == model_id, runs.c.status == "done")
        .order_by(runs.c.window_start.desc(), runs.c.window_end.desc(), runs.c.revision.desc())
    )
    seen: set[tuple[Any, Any]] = set()
    looked, page = 0, FIRST_LOOK
    while rows := conn.execute(backwards.offset(looked).limit(page)).all():
        for row in rows:
            window = row.window_start, row.window_end
            if window not in seen and row.value is not None:
                return _measurement(model, metric, row)
            seen.add(window)  # of each window only the latest revision counts
        looked, page = looked + len(rows), MORE
    return None


def _measurement(model: str, metric: str, row: Row[Any]) -> Measurement:
    return Measurement(
        model=model,
        window_start=row.window_start,
        window_end=row.window_end,
        metric=metric,
        value=row.value,
        n=row.n,
        revision=row.revision,
        low=row.low,
        high=row.high,
        provisional=row.provisional,
        in_reference=row.in_reference,
        reason=row.reason,
    )
