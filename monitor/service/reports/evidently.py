"""Evidently's metrics beside ours: samples of a window and of its reference are read from the log again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from weakref import WeakKeyDictionary

import pyarrow as pa

from monitor.config import EvidentlyConfig
from monitor.domain.window import Window
from monitor.metrics.estimate import undefined
from monitor.metrics.evaluate import LEARNING, Finding
from monitor.service.job import Job
from monitor.service.modelling import raw_columns
from monitor.service.reference.elsewhere import open_elsewhere
from monitor.service.reference.reference import Reference

_SAMPLES: WeakKeyDictionary[Reference, pa.Table | None] = WeakKeyDictionary()  # a reference is read once in a run


def findings(job: Job, reference: Reference, window: Window) -> Iterator[Finding]:
    """Yield the metrics under ``evidently:`` of one window; nothing is loaded when there are none.

    They are computed on the rows with the smallest hashed id, at most ``rows`` of the window and of the reference: the
    same sample in every run. A metric that fails has no value and a reason.
    """
    config = job.config.evidently
    if config is None:
        return
    from monitor.report.measure import measure  # noqa: PLC0415  Evidently takes seconds to load

    spec = job.config.reference
    if spec is not None and spec.last is not None and spec.lag is not None:
        period = Window(window.start - spec.lag - spec.last, window.start - spec.lag)
        learning = period.start < job.grid_start
        past = None if learning else _sample(config, _kept(job, period))
    else:
        learning, past = False, _fixed(job, reference, config)
    current = None if learning else _sample(config, job.source.scan(window.start, window.end))
    for name, column, estimate in measure(config, past, current, job.model):
        shown = replace(undefined(LEARNING), n=estimate.n) if learning else estimate
        yield Finding(name, column, None, shown, late=False)


def _fixed(job: Job, reference: Reference, config: EvidentlyConfig) -> pa.Table | None:
    if reference not in _SAMPLES:
        if reference.interval is not None:
            _SAMPLES[reference] = _sample(config, _kept(job, reference.interval))
        else:
            spec = job.config.reference
            bounds = (spec.start, spec.end) if spec is not None else (None, None)
            with closing(open_elsewhere(job.config, raw_columns(job.model), job.folder)) as source:
                _SAMPLES[reference] = _sample(config, source.scan(*bounds))
    return _SAMPLES[reference]


def _sample(config: EvidentlyConfig, batches: Iterable[pa.RecordBatch]) -> pa.Table | None:
    from monitor.report.sample import Sample  # noqa: PLC0415

    sample = Sample(config.rows, config.seed)
    for batch in batches:
        sample.add(batch)
    return sample.table()


def _kept(job: Job, period: Window) -> Iterator[pa.RecordBatch]:
    """Read the rows of a period outside all excluded intervals."""
    start = period.start
    for gap in sorted(job.excluded):
        if gap.overlaps(Window(start, period.end)):
            if start < gap.start:
                yield from job.source.scan(start, gap.start)
            start = max(start, gap.end)
    if start < period.end:
        yield from job.source.scan(start, period.end)
