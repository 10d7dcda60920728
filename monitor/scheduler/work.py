"""Doing a leased piece of work: what a compute child runs."""

from __future__ import annotations

import time
from collections.abc import Mapping

from monitor.config import ModelConfig
from monitor.errors import LearningError, MonitorError, SourceError, StaleLeaseError, StoreError
from monitor.failpoints import failpoint
from monitor.scheduler.reply import Kind, Reply
from monitor.service.job import Job
from monitor.service.preparing import prepare, unreadable, wait_for_rows
from monitor.service.retention.retain import retain_leased
from monitor.service.windows.compute import compute
from monitor.service.windows.resweep import resweep
from monitor.service.workbench import Workbench
from monitor.source.scrub import scrub
from monitor.store.lease import PREPARE, RETAIN, SWEEP, Lease

TOO_LARGE = "the work did not fit into the memory that it may take"
_KINDS: dict[type[Exception], Kind] = {
    LearningError: "later",
    StaleLeaseError: "stale",
    SourceError: "source",
    StoreError: "store",
    MonitorError: "failed",
    MemoryError: "memory",
}


def work(bench: Workbench, models: Mapping[int, ModelConfig], lease: Lease) -> Reply:
    """Do a leased piece of work and say how it ended; whatever goes wrong is an answer, not an exception."""
    began = time.perf_counter()
    model = models[lease.model_id]
    try:
        failpoint("claimed")
        fault = _do(bench, model, lease)
    except Exception as error:  # noqa: BLE001 - whatever a driver raises, the worker goes on
        return _went_wrong(error, model, bench.config.store)
    return Reply("done", error=fault or "", seconds=time.perf_counter() - began)


def _went_wrong(error: Exception, model: ModelConfig, store: str) -> Reply:
    for kind, reply in _KINDS.items():
        if isinstance(error, kind):
            state = error.state if isinstance(error, SourceError) else reply
            return Reply(reply, state, str(error) or TOO_LARGE)
    urls = [model.source.url, store, (model.source.ground_truth and model.source.ground_truth.url) or ""]
    return Reply("failed", "failed", scrub(f"{type(error).__name__}: {error}", *urls))


def _do(bench: Workbench, model: ModelConfig, lease: Lease) -> str | None:
    if lease.kind == RETAIN:
        retain_leased(bench, lease)
        return None
    with bench.job(lease, model) as job:
        if job is not None:
            return _with_rows(bench, job, lease)
        _without_rows(bench, model, lease)
        return None


def _with_rows(bench: Workbench, job: Job, lease: Lease) -> str | None:
    if lease.run is not None:
        return compute(bench, job, lease, lease.run)
    if lease.kind == PREPARE:
        prepare(bench, job, lease)
    elif lease.kind == SWEEP:
        resweep(bench, job, lease)
    return None


def _without_rows(bench: Workbench, model: ModelConfig, lease: Lease) -> None:
    if lease.run is not None:
        raise unreadable(model.name)
    wait_for_rows(bench, lease)
