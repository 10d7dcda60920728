"""The past of a model: its windows within a range, newest revision each, and the names of what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection

from monitor.domain.measurement import Group
from monitor.store import models, runs, series
from monitor.store.models import StoredModel
from monitor.store.runs import Run
from monitor.store.series import SeriesKey, group_text


@dataclass(frozen=True, slots=True)
class Lens:
    """What of a model is looked at: windows that begin in [start, end), one version, one segment.

    None leaves open: all windows, all versions together, all rows. ``segment`` is (attribute, value).
    """

    model: str
    start: datetime | None = None
    end: datetime | None = None
    version: str | None = None
    segment: tuple[str, str | None] | None = None

    @property
    def group(self) -> Group | None:
        """The segment as measurements name it.

        Examples
        --------
        >>> Lens("m", segment=("carrier", "UA")).group
        {'carrier': 'UA'}
        """
        return None if self.segment is None else {self.segment[0]: self.segment[1]}


@dataclass(frozen=True, eq=False)
class Past:
    """The windows seen through a lens, oldest first, and every series of the model by number."""

    lens: Lens
    model: StoredModel
    windows: tuple[Run, ...]
    keys: Mapping[int, SeriesKey]

    @cached_property
    def places(self) -> dict[int, int]:
        """Where each run stands among the windows."""
        return {run.id: place for place, run in enumerate(self.windows)}

    @cached_property
    def extent(self) -> tuple[int, int]:
        """The smallest and the largest number of a run."""
        return (min(self.places), max(self.places)) if self.places else (0, -1)

    @property
    def starts(self) -> list[datetime]:
        """Where each window begins."""
        return [run.window.start for run in self.windows]

    @property
    def ends(self) -> list[datetime]:
        """Where each window ends."""
        return [run.window.end for run in self.windows]

    @property
    def last(self) -> Run | None:
        """The newest window."""
        return self.windows[-1] if self.windows else None

    @cached_property
    def group(self) -> str | None:
        """The segment as a series is stored under."""
        return group_text(self.lens.group)

    def named(self, *metrics: str, column: str | None = None) -> list[int]:
        """Return the series of some metrics at a column, for the rows that the lens asks for."""
        return [
            number
            for number, key in self.keys.items()
            if key.metric in metrics and key.column == column and self.covers(key)
        ]

    def covers(self, key: SeriesKey) -> bool:
        """Tell whether a series is about exactly the rows that the lens asks for."""
        return key.version == self.lens.version and key.group == self.group

    def at(self, window: datetime | None) -> Run | None:
        """Return the last window that begins by an instant, the newest when none is named."""
        if window is None:
            return self.last
        return next((run for run in reversed(self.windows) if run.window.start <= window), None)


def past(conn: Connection, lens: Lens) -> Past | None:
    """Return a model's past through a lens; None when the store does not know the model."""
    found = models.find(conn, lens.model)
    if found is None:
        return None
    windows = runs.latest(conn, found.id, lens.start, lens.end)
    return Past(lens, found, tuple(windows), series.every(conn, found.id))


def newest_end(conn: Connection, name: str) -> datetime | None:
    """Return where a model's newest window ends; None before the first."""
    found = models.find(conn, name)
    last = runs.last(conn, found.id) if found is not None else None
    return last.window.end if last is not None else None


def history(conn: Connection, known: Past, limit: int) -> list[Run]:
    """Return every revision of the windows in a past's range, whatever became of it, the newest window first."""
    return runs.history(conn, known.model.id, start=known.lens.start, end=known.lens.end, limit=limit)
