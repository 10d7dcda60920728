"""A first look: what somebody should know before the first window of a log is measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from monitor.config import ModelConfig
from monitor.domain.model import CLASS_SCORE, FEATURE, Model
from monitor.domain.window import Window
from monitor.errors import SourceError
from monitor.profile.bins import CategoricalBins
from monitor.profile.build import VERSIONS
from monitor.service.job import Job
from monitor.service.modelling import instants_left_out
from monitor.service.reference.reference import Reference
from monitor.source import lost_rows

UNVERSIONED = f"the version column is empty or has over {VERSIONS} values: windows have their total only"
_LONGEST = timedelta(days=30 * 366)


def demand_sane_start(config: ModelConfig, first: datetime, last: datetime) -> None:
    """Refuse to begin decades before the last row: one wrong time would make thousands of empty windows.

    Raises
    ------
    SourceError
        The first row lies more than thirty years back and the file does not say where windows begin.
    """
    if config.start is None and last - first > _LONGEST:
        years = (last - first).days // 365
        raise SourceError(
            f"the first row is of {first:%Y-%m-%d %H:%M} UTC, {years} years before the last",
            hint=f"correct that row, or say where the windows begin: `start: {last:%Y}-01-01` or another day",
        )


def first_remarks(job: Job, reference: Reference) -> Iterator[str]:
    """Yield what a look at the whole log and at the reference shows; it costs a look at every row's time."""
    yield from instants_left_out(job.config, job.source.schema())
    if lost := job.source.untimed():
        yield lost_rows(lost, job.source)
    bins = reference.layout.bins.get("target")
    if isinstance(bins, CategoricalBins):
        classes = [name for name, rows in zip(bins.categories, bins.mass, strict=False) if rows]
        yield from positive_class_remarks(job.model, classes, "of the reference")


def interval_remarks(
    job: Job, ends: tuple[datetime | None, datetime | None], windows: Sequence[Window]
) -> Iterator[str]:
    """Yield what of an interval that somebody asked for has no windows, and why."""
    start, end = ends
    if start is not None and start < job.grid_start:
        why = "the first row is there" if job.config.start is None else "`start:` says so"
        yield f"windows begin at {job.grid_start:%Y-%m-%d %H:%M} UTC, {why}: before that there are none"
    due = job.now - job.config.delay
    if end is not None and due < end:
        yield f"windows that end after {due:%Y-%m-%d %H:%M} UTC are not due yet"
    if (start or end) and not windows:
        yield "no window of the grid that is due lies wholly inside the interval"


def positive_class_remarks(model: Model, classes: Sequence[str], where: str) -> Iterator[str]:
    """Yield a remark when none of the classes that ground truth has ``where`` is the one called positive."""
    if model.task == "binary" and classes and model.positive not in classes:
        yield none_positive(model, classes, where)


def none_positive(model: Model, classes: Sequence[str], where: str) -> str:
    """Say that none of the classes is the positive one, and which there are."""
    known = ", ".join(map(repr, classes[:5]))
    return f"no target {where} is positive_class {model.positive!r}; they are {known}"


def shown(name: str) -> str:
    """Return the own name of a column of a model, quoted."""
    return repr(name.removeprefix(FEATURE) if name.startswith((FEATURE, CLASS_SCORE)) else name)
