"""Reporting: samples of one window and of its reference become Evidently's page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from monitor.config import Config, ModelConfig
from monitor.domain.calendar import Calendar
from monitor.domain.model import Model
from monitor.domain.window import Window
from monitor.errors import UsageError
from monitor.service import asked
from monitor.service.job import DAYS_TO_LEARN
from monitor.service.modelling import model_of, raw_columns
from monitor.service.reference.elsewhere import open_elsewhere
from monitor.source import Source, open_source

ROWS, SEED = 5_000, 0


def write_report(config: Config, name: str, at: str, output: Path) -> Path:
    """Write Evidently's page about the window that holds an instant; return the file.

    Parameters
    ----------
    at : str
        As typed; without an offset local in the model's ``window_timezone``.

    Raises
    ------
    UsageError
        There is no such model, or the window or the reference has no rows.
    SourceError
        The log cannot be read.
    """
    [model] = asked.models(config, [name])
    if not output.parent.is_dir():
        raise UsageError(f"the folder {output.parent} is not there", f"mkdir -p {output.parent}")
    window = _window(model, asked.moment(at, "--window", model.window_timezone))
    seen = _seen(model, config.folder)
    with closing(open_source(model.source, columns=raw_columns(seen), folder=config.folder, task=model.task)) as source:
        current = _sample(source.scan(window.start, window.end), model)
        if current is None:
            raise UsageError(f"the window from {window.start:%Y-%m-%d %H:%M} UTC has no rows", _extent(source))
        reference = _sample(_reference(model, seen, source, window, config.folder), model)
    if reference is None:
        raise UsageError("the reference has no rows", "`monitor validate` says more")
    from monitor.report.page import html  # noqa: PLC0415 - Evidently takes seconds to load

    title = f"{model.name}, {window.start:%Y-%m-%d %H:%M} to {window.end:%Y-%m-%d %H:%M} UTC"
    output.write_text(html(reference, current, seen, title=title), encoding="utf-8", errors="backslashreplace")
    return output


def _window(model: ModelConfig, instant: datetime) -> Window:
    calendar = Calendar(model.window_timezone, model.window)
    return next(calendar.windows(instant, calendar.window_at(instant).end))


def _seen(model: ModelConfig, folder: Path) -> Model:
    with closing(open_source(model.source, folder=folder, task=model.task)) as source:
        return model_of(model, source.schema())


def _extent(source: Source) -> str:
    extent = source.extent()
    if extent is None:
        return "the log is empty"
    return f"the log has rows from {extent[0]:%Y-%m-%d %H:%M} to {extent[1]:%Y-%m-%d %H:%M} UTC"


def _sample(batches: Iterable[pa.RecordBatch], model: ModelConfig) -> pa.Table | None:
    from monitor.report.sample import Sample  # noqa: PLC0415

    wanted = model.evidently
    sample = Sample(wanted.rows if wanted else ROWS, wanted.seed if wanted else SEED)
    for batch in batches:
        sample.add(batch)
    return sample.table()


def _reference(
    model: ModelConfig, seen: Model, source: Source, window: Window, folder: Path
) -> Iterator[pa.RecordBatch]:
    spec = model.reference
    if spec is not None and spec.form in ("path", "source"):
        with closing(open_elsewhere(model, raw_columns(seen), folder)) as other:
            yield from other.scan(spec.start, spec.end)
        return
    for start, end in _without(_period(model, source, window), model):
        yield from source.scan(start, end)


def _period(model: ModelConfig, source: Source, window: Window) -> Window:
    """Return the period of the log that a window is compared with."""
    spec = model.reference
    if spec is not None and spec.start is not None and spec.end is not None:
        return Window(spec.start, spec.end)
    if spec is not None and spec.last is not None and spec.lag is not None:
        end = window.start - spec.lag
        return Window(end - spec.last, end)
    extent = source.extent()
    calendar = Calendar(model.window_timezone, model.window)
    start = calendar.window_at(model.start or (extent[0] if extent else window.start)).start
    return Window(start, calendar.days_after(start, DAYS_TO_LEARN))


def _without(period: Window, model: ModelConfig) -> Iterator[tuple[datetime, datetime]]:
    """Yield the parts of a period that no excluded interval covers."""
    start = period.start
    for excluded in sorted(model.exclude, key=lambda one: one.start):
        if excluded.end <= start or excluded.start >= period.end:
            continue
        if excluded.start > start:
            yield start, excluded.start
        start = max(start, excluded.end)
    if start < period.end:
        yield start, period.end
