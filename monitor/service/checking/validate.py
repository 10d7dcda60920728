"""Validating: whether monitor.yaml and the logs that it names belong together, before anything is counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from monitor.config import Config, ModelConfig
from monitor.domain.model import Model
from monitor.errors import Fault, MonitorError, SourceError
from monitor.service.checking.first_look import demand_sane_start
from monitor.service.checking.glimpse import glimpse, remarks, truth_remarks
from monitor.service.checking.misfits import doubts, misfits
from monitor.service.checking.rule_names import name_faults
from monitor.service.modelling import instants_left_out, model_of, raw_columns
from monitor.service.reference.elsewhere import open_elsewhere
from monitor.source import Source, open_source
from monitor.source.inspection import inspect


@dataclass
class Verdict:
    """What was found of one model.

    ``extent`` is its log's first and last time; ``features`` the number of columns it looks at. ``errors`` are
    faults of the log, ``faults`` of the file; ``remarks`` are neither.
    """

    model: ModelConfig
    extent: tuple[datetime, datetime] | None = None
    features: int = 0
    remarks: list[str] = field(default_factory=list)
    errors: list[MonitorError] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """2 for a fault of the file, 1 for one of the log, else 0."""
        return 2 if self.faults else 1 if self.errors else 0


def validate(config: Config, now: datetime | None = None) -> Iterator[Verdict]:
    """Look at every model's log, its reference and the names in its rules; yield what was found, model by model.

    Nothing is stored and a fault of one model hides none of another. Values are looked at in the first rows of the
    reference period, or of the log when it has none: those have had the longest time to get ground truth.
    """
    at = now or datetime.now(UTC)
    for model in config.models:
        found = Verdict(model)
        seen = _look(found, config.folder, at)
        if seen is not None:
            found.features = sum(name.startswith("column:") for name in seen.columns)
            try:
                found.remarks += _reference_remarks(found, seen, config.folder)
            except MonitorError as error:
                found.errors.append(error)
        found.faults += name_faults(config, model, seen)
        yield found


def _look(found: Verdict, folder: Path, now: datetime) -> Model | None:
    """Open the log as a run does and look at all that is mapped."""
    config = found.model
    try:
        with closing(open_source(config.source, folder=folder, task=config.task)) as first:
            model = model_of(config, first.schema())
            found.remarks += instants_left_out(config, first.schema())
        source = open_source(config.source, columns=raw_columns(model), folder=folder, task=config.task)
        with closing(source):
            found.remarks += inspect(source)
            found.extent = source.extent()
            if found.extent is not None:
                _glimpse(found, model, source)
                demand_sane_start(config, found.extent[0], min(found.extent[1], now))
    except MonitorError as error:
        if isinstance(error, SourceError) and error.state == "not_pushed":
            found.remarks.append(f"{error.message}; {error.hint}")
        else:
            found.errors.append(error)
        return None
    return model


def _glimpse(found: Verdict, model: Model, source: Source) -> None:
    """Look at some thousand rows: what they prove wrong is an error, the rest a remark."""
    spec = found.model.reference
    period = (spec.start, spec.end) if spec is not None and spec.form == "period" else (None, None)
    seen = glimpse(model, source, *period)
    found.remarks += [*remarks(seen), *doubts(found.model, seen), *truth_remarks(seen, source)]
    found.errors += misfits(found.model, seen)


def _reference_remarks(found: Verdict, model: Model, folder: Path) -> Iterator[str]:
    """Yield remarks about the reference.

    Raises
    ------
    SourceError
        It has no rows, or cannot be read.
    """
    spec = found.model.reference
    if spec is None:
        yield "no reference: the first 14 days become it, and no window is measured until they are there"
        return
    if spec.form == "trailing":
        return
    if spec.form == "period":
        source = open_source(found.model.source, folder=folder, task=found.model.task)
    else:
        source = open_elsewhere(found.model, raw_columns(model), folder)
    with closing(source):
        if next(source.scan(spec.start, spec.end), None) is not None:
            return
    if spec.end is not None and found.extent is not None and spec.end > found.extent[1]:
        yield f"the reference has no rows yet; it ends at {spec.end:%Y-%m-%d %H:%M} UTC"
        return
    raise SourceError("the reference has no rows", _cure(found), state="unreadable")


def _cure(found: Verdict) -> str:
    if found.extent is None or found.model.reference is None or found.model.reference.form != "period":
        return "check the file or source that `reference:` names"
    first, last = found.extent
    return f"the log has rows from {first:%Y-%m-%d} to {last:%Y-%m-%d}: choose a period inside"
