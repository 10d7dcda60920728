"""Status: how far every model is, how late, and what stands in its way."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection

from monitor.config import Config, ModelConfig
from monitor.domain.calendar import Calendar
from monitor.domain.measurement import Measurement
from monitor.domain.window import Window
from monitor.errors import MonitorError
from monitor.service.job import DAYS_TO_LEARN
from monitor.service.key_metric import key_metric
from monitor.service.record import instant_or_none
from monitor.source import open_source
from monitor.store import measurements, models, runs
from monitor.store.engine import Store
from monitor.store.models import StoredModel

State = Literal["ok", "late", "ended", "learning", "failing", "new"]


@dataclass(frozen=True)
class Status:
    """One model: ``new`` before its first window, ``learning`` before its reference, ``failing`` while its source does.

    ``late`` means that a window is due and not done; ``lateness`` is for how long already. ``ended`` means that nothing
    is left to do, as the log's last row, at ``ended_at``, is older than ``catchup_window``. ``rows`` are those in the
    done windows, or those seen while learning; ``key`` is the newest value of the key metric that is not null.
    """

    model: str
    task: str
    state: State
    zone: str = "UTC"
    windows: int = 0
    provisional: int = 0
    rows: int = 0
    last: Window | None = None
    revision: int | None = None
    lateness: timedelta | None = None
    ended_at: datetime | None = None
    key_metric: str | None = None
    key: Measurement | None = None
    learning_until: datetime | None = None
    source_state: str | None = None
    source_error: str | None = None
    source_checked_at: datetime | None = None

    def record(self) -> dict[str, Any]:
        """Return it flat, for machines."""
        return {
            "model": self.model,
            "task": self.task,
            "state": self.state,
            "windows": self.windows,
            "provisional": self.provisional,
            "rows": self.rows,
            "window_start": instant_or_none(self.last.start if self.last else None),
            "window_end": instant_or_none(self.last.end if self.last else None),
            "revision": self.revision,
            "lateness_seconds": None if self.lateness is None else int(self.lateness.total_seconds()),
            "key_metric": self.key_metric,
            "key_value": self.key.value if self.key else None,
            "key_window_start": instant_or_none(self.key.window_start if self.key else None),
            "learning_until": instant_or_none(self.learning_until),
            "source_state": self.source_state,
            "source_error": self.source_error,
            "source_checked_at": instant_or_none(self.source_checked_at),
        }


def status(config: Config, store: Store, chosen: list[ModelConfig], now: datetime) -> list[Status]:
    """Return the status of the chosen models at an instant."""
    with store.read() as conn:
        known = {stored.name: stored for stored in models.every(conn, retired=True)}
        return [_status(config, model, known.get(model.name), conn, now) for model in chosen]


def _status(config: Config, model: ModelConfig, stored: StoredModel | None, conn: Connection, now: datetime) -> Status:
    metric = key_metric(model)
    if stored is None:
        return Status(model.name, model.task, "new", key_metric=metric)
    failing = stored.source_state not in (None, "ok")
    about: dict[str, Any] = {
        "zone": model.window_timezone,
        "source_state": stored.source_state,
        "source_error": stored.source_error,
        "source_checked_at": stored.source_checked_at,
    }
    done = runs.latest(conn, stored.id)
    if not done:
        until, seen = _learning(config, model) if not failing else (None, 0)
        state: State = "failing" if failing else "learning" if until else "new"
        return Status(
            model.name,
            model.task,
            state,
            rows=seen,
            key_metric=metric,
            learning_until=until,
            **about,
        )
    lateness = _lateness(model, done[-1].window, now)
    ended = _ended(config, model, done[-1].window) if lateness and not failing else None
    return Status(
        model.name,
        model.task,
        "failing" if failing else "ended" if ended else "late" if lateness else "ok",
        windows=len(done),
        provisional=sum(run.outcome.provisional for run in done),
        rows=sum(run.outcome.rows or 0 for run in done),
        last=done[-1].window,
        revision=done[-1].revision,
        lateness=None if ended else lateness,
        ended_at=ended,
        key_metric=metric,
        key=_newest(conn, model.name, metric),
        **about,
    )


def _lateness(model: ModelConfig, last: Window, now: datetime) -> timedelta | None:
    """Return for how long the window after the last one has been due; None when it is not."""
    calendar = Calendar(model.window_timezone, model.window)
    due = calendar.window_at(last.end).end + model.delay
    return now - due if now > due else None


def _ended(config: Config, model: ModelConfig, last: Window) -> datetime | None:
    """Return the time of the log's last row when no window is left before `run` stops; the log is asked."""
    try:
        with closing(open_source(model.source, folder=config.folder, task=model.task)) as source:
            extent = source.extent()
    except MonitorError:
        return None
    if extent is None:
        return None
    calendar, newest = Calendar(model.window_timezone, model.window), extent[1]
    stops = max(newest + model.catchup_window, calendar.window_at(newest).end)
    return newest if calendar.window_at(last.end).end > stops else None


def _newest(conn: Connection, name: str, metric: str) -> Measurement | None:
    found = measurements.query(conn, model=name, metric=metric, column=None, group=None, version=None)
    return max(
        (one for one in found if one.value is not None),
        key=lambda one: (one.window_start, one.window_end),
        default=None,
    )


def _learning(config: Config, model: ModelConfig) -> tuple[datetime | None, int]:
    """Return until when a model without a reference learns and how many rows it has seen; its log is asked."""
    if model.reference is not None:
        return None, 0
    try:
        with closing(open_source(model.source, folder=config.folder, task=model.task)) as source:
            extent = source.extent()
            if extent is None:
                return None, 0
            calendar = Calendar(model.window_timezone, model.window)
            begins = calendar.window_at(model.start or extent[0]).start
            seen = sum(batch.num_rows for batch in source.scan(begins, columns=()))
            return calendar.days_after(begins, DAYS_TO_LEARN), seen
    except MonitorError:
        return None, 0
