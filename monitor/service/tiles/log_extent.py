"""How far a log reaches, asked of the log itself where the store does not know."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime

from monitor.config import Config, ModelConfig
from monitor.domain.calendar import Calendar
from monitor.domain.window import Window
from monitor.errors import MonitorError
from monitor.service.job import DAYS_TO_LEARN
from monitor.source import open_source


def ended(config: Config, model: ModelConfig, last: Window) -> datetime | None:
    """Return the time of the log's last row when no window after ``last`` is left before `run` stops; else None."""
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


def to_learn_from(config: Config, model: ModelConfig) -> tuple[datetime, int] | None:
    """Return until when a model without a reference learns and how many rows are there; None for a log without any."""
    try:
        with closing(open_source(model.source, folder=config.folder, task=model.task)) as source:
            extent = source.extent()
            if extent is None:
                return None
            calendar = Calendar(model.window_timezone, model.window)
            begins = calendar.window_at(model.start or extent[0]).start
            rows = sum(batch.num_rows for batch in source.scan(begins, columns=()))
            return calendar.days_after(begins, DAYS_TO_LEARN), rows
    except MonitorError:
        return None
