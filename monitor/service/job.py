"""A job: one model's run with everything it needs open."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from monitor.config import Config, ModelConfig, canonical
from monitor.domain.calendar import Calendar
from monitor.domain.model import Model
from monitor.domain.window import Window
from monitor.service.modelling import model_of, raw_columns
from monitor.source import Source, open_source
from monitor.store import models
from monitor.store.engine import Store

Progress = Callable[[str, int, int], None]
Guard = Callable[[Connection], None]
T = TypeVar("T")

DAYS_TO_LEARN = 14
_REFERENCE_KEYS = (
    "task", "positive_class", "threshold", "source", "features", "groups", "segments", "reference", "exclude",
    "window_timezone", "ranking", "start",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Job:
    """One model with its source and store open, at one instant.

    ``now`` decides what is due; ``clock`` is what ages are counted to: ``now``, or the end of the data when that
    lies long back. ``progress`` is told (what, done, total). ``guard`` is asked first in every transaction that writes,
    and raises when the work has become somebody else's. Windows that ended by
    ``kept_since`` were removed for their age.
    """

    config: ModelConfig
    folder: Path
    model: Model
    source: Source
    store: Store
    model_id: int
    config_version_id: int
    calendar: Calendar
    now: datetime
    clock: datetime
    first: datetime
    last: datetime
    progress: Progress
    guard: Guard = lambda _: None
    kept_since: datetime | None = None

    @contextmanager
    def write(self, *, ledger: bool = False) -> Iterator[Connection]:
        """Open one transaction of the store that writes, if the work is still ours.

        Parameters
        ----------
        ledger : bool
            Whether it writes the model's row or its windows: the row is then locked first of all, as everybody does,
            so that no two processes wait for each other.

        Raises
        ------
        StaleLeaseError
            It is not; nothing was written.
        """
        with self.store.write() as conn:
            self._demand(conn, ledger)
            yield conn

    def transact(self, body: Callable[[Connection], T], *, ledger: bool = False) -> T:
        """Do all of such a transaction, again while other processes stand in its way.

        Raises
        ------
        StaleLeaseError
            The work is not ours any more; nothing was written.
        """

        def guarded(conn: Connection) -> T:
            self._demand(conn, ledger)
            return body(conn)

        return self.store.transact(guarded)

    def _demand(self, conn: Connection, ledger: bool) -> None:
        if ledger:
            models.lock(conn, self.model_id)
        self.guard(conn)

    @property
    def grid_start(self) -> datetime:
        """The beginning of the first window: that of the first row unless ``start:`` moves it."""
        return self.calendar.window_at(self.config.start or self.first).start

    @property
    def learned_at(self) -> datetime:
        """When the first 14 days are over, for a model without a reference."""
        return self.calendar.days_after(self.grid_start, DAYS_TO_LEARN)

    @property
    def excluded(self) -> list[Window]:
        """Intervals that are measured but belong to no reference."""
        return [Window(p.start, p.end) for p in self.config.exclude]

    @property
    def closes_after(self) -> timedelta:
        """How long after its end a window is revised."""
        return self.config.ground_truth_horizon


def reference_digest(config: ModelConfig) -> str:
    """Return a digest of the part of a configuration that bins and counts depend on."""
    spec = json.loads(canonical(config))
    kept = {key: spec.get(key) for key in _REFERENCE_KEYS}
    return blake2b(json.dumps(kept, sort_keys=True).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def open_job(
    config: ModelConfig, whole: Config, store: Store, now: datetime | None, progress: Callable[[str, int, int], None]
) -> Job | None:
    """Open a model's log and find what is known of it; None when it has no rows."""
    at = now or datetime.now(UTC)
    first = open_source(config.source, folder=whole.folder, task=config.task)
    try:
        model = model_of(config, first.schema())
    finally:
        first.close()
    source = open_source(config.source, columns=raw_columns(model), folder=whole.folder, task=config.task)
    try:
        extent = source.extent()
        with store.read() as conn:
            stored = models.find(conn, config.name)
    except BaseException:
        source.close()
        raise
    if extent is None or stored is None:
        source.close()
        return None
    last = extent[1]
    clock = min(at, last + config.catchup_window) if now is None else at
    calendar = Calendar(config.window_timezone, config.window)
    ids = stored.id, stored.config_version_id or 0
    job = Job(config, whole.folder, model, source, store, *ids, calendar, at, clock, *extent, progress)
    return replace(job, kept_since=stored.kept_since)
