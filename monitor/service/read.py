"""Reading: stored measurements as people and machines ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from monitor.config import Config
from monitor.config.near import cure
from monitor.domain.measurement import Group, Measurement
from monitor.errors import UsageError
from monitor.metrics import registered
from monitor.service import asked
from monitor.store import measurements, models, series
from monitor.store.conflict import chunks
from monitor.store.engine import Store
from monitor.store.measurements import ANY, Unset
from monitor.store.tables import measurements as table

AT_ONCE = 500


@dataclass(frozen=True)
class Selection:
    """Which measurements to read.

    None selects all, but for ``column``, ``group`` and ``version``: there ``ANY`` does, and None means null.

    ``start`` and ``end`` are as typed; without an offset they are local in each model's ``window_timezone``.
    """

    models: tuple[str, ...] = ()
    metric: str | None = None
    column: str | Unset | None = ANY
    group: Group | Unset | None = ANY
    version: str | Unset | None = ANY
    start: str | None = None
    end: str | None = None
    all_revisions: bool = False
    as_of: datetime | None = None


def read(config: Config, store: Store, selection: Selection = Selection()) -> Iterator[Measurement]:
    """Yield the measurements selected, model by model, oldest window first.

    Raises
    ------
    UsageError
        A model or metric is known neither to the file nor to the store.
    """
    wanted = list(selection.models) or [model.name for model in config.models]
    zones = {model.name: model.window_timezone for model in config.models}
    with store.read() as conn:
        known = [model.name for model in models.every(conn, retired=True)]
        for name in wanted:
            if name not in zones and name not in known:
                everything = list(dict.fromkeys([*zones, *known]))
                raise UsageError(
                    f"there is no model {name!r}", cure(name, everything, f"known: {', '.join(everything)}")
                )
        _demand_metric(selection.metric, {key.metric for name in wanted for key in _keys(conn, name)})
        for name in wanted:
            zone = zones.get(name, "UTC")
            yield from measurements.query(
                conn,
                model=name,
                metric=selection.metric,
                column=selection.column,
                group=selection.group,
                version=selection.version,
                start=asked.instant(selection.start, "--from", zone),
                end=asked.instant(selection.end, "--to", zone),
                all_revisions=selection.all_revisions,
                as_of=selection.as_of,
            )


def stored(store: Store, run_ids: list[int]) -> Iterator[Measurement]:
    """Yield what these runs stored."""
    with store.read() as conn:
        yield from measurements.query(conn, run_ids=run_ids)


def count(store: Store, run_ids: list[int]) -> int:
    """Return how many measurements these runs stored."""
    chosen = select(func.count()).select_from(table)
    with store.read() as conn:
        return sum(
            conn.execute(chosen.where(table.c.run_id.in_(chunk))).scalar_one() for chunk in chunks(run_ids, AT_ONCE)
        )


def _keys(conn: Connection, name: str) -> list[series.SeriesKey]:
    found = models.find(conn, name)
    return [] if found is None else list(series.every(conn, found.id).values())


def _demand_metric(metric: str | None, measured: set[str]) -> None:
    if metric is None or metric in measured or metric.startswith("evidently."):
        return
    known = registered()
    if metric not in known and f"{metric.partition('@')[0]}@k" not in known:
        names = sorted({*measured, *known})
        raise UsageError(
            f"there is no metric {metric!r}", cure(metric, names, "`monitor measurements` shows which there are")
        )
