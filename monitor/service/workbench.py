"""The workbench: what a worker keeps ready between two pieces of work for the same model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from monitor.config import Config, ModelConfig
from monitor.service.alarms.watch import Watch
from monitor.service.job import Job, open_job, reference_digest
from monitor.service.reference.reference import Reference, resolve, standing
from monitor.store import clock, references
from monitor.store.engine import Store
from monitor.store.lease import Lease, hold
from monitor.store.witness import witness

MOST = 32  # references kept: each holds the counts of its whole period


@dataclass(frozen=True)
class Kept:
    """A reference, and what tells that it is still the one: nothing of its period was counted since."""

    reference: Reference
    witness: object


@dataclass
class Workbench:
    """A configuration, the open store, and the references and rules in use."""

    config: Config
    store: Store
    references: dict[int, Kept] = field(default_factory=dict)
    watches: dict[int, Watch] = field(default_factory=dict)

    @contextmanager
    def job(self, lease: Lease, model: ModelConfig) -> Iterator[Job | None]:
        """Open the log of a leased work's model; None when it has no rows. Every write demands the lease."""
        with self.store.read() as conn:
            now = clock.now(conn)
        job = open_job(model, self.config, self.store, now, lambda *_: None)
        if job is None:
            yield None
            return
        try:
            yield replace(job, guard=partial(hold, lease=lease))
        finally:
            job.source.close()

    def reference(self, job: Job, reference_id: int | None = None) -> Reference:
        """Return the reference in force, or the one with this number, as it stands now.

        Raises
        ------
        LearningError
            There is none yet.
        SourceError
            It cannot be read or has no rows.
        """
        with self.store.read() as conn:
            latest = references.latest(conn, job.model_id, reference_digest(job.config))
            if reference_id is not None and (latest is None or reference_id != latest.id):
                latest = references.get(conn, reference_id)
        if latest is None:
            return resolve(job)
        seen = self._seen(job, latest.start, latest.end)
        kept = self.references.pop(latest.id, None)
        if kept is None or kept.witness != seen:
            kept = Kept(standing(job, latest), seen)
        self.references[latest.id] = kept  # the last one used stands last
        while len(self.references) > MOST:
            oldest = next(iter(self.references))
            del self.references[oldest]
            self.watches.pop(oldest, None)
        return kept.reference

    def _seen(self, job: Job, start: datetime | None, end: datetime | None) -> object:
        if start is None or end is None:
            return job.config_version_id
        with self.store.read() as conn:
            return job.config_version_id, witness(conn, job.model_id, start, end)
