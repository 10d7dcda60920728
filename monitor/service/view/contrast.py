"""Contrasts: the counts of any windows put beside those of any others, and every number of both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from monitor.config import ModelConfig
from monitor.domain.measurement import Group
from monitor.domain.window import Window
from monitor.metrics.comparison import Comparison
from monitor.metrics.estimate import Estimate
from monitor.metrics.evaluate import Finding, evaluate
from monitor.profile.reading import Reading
from monitor.rules.rule import metric_named
from monitor.service.backend import Backend
from monitor.service.view.counts import Counts, counts
from monitor.service.view.past import Lens, past
from monitor.store.runs import Run

MOST_WINDOWS = 800  # a month of hours
KEPT = 16


@dataclass(frozen=True, slots=True)
class Pair:
    """One metric on both sides; ``before`` is None for what is itself a comparison, such as drift."""

    metric: str
    column: str | None
    group: Group | None
    now: Estimate
    before: Estimate | None = None


@dataclass(frozen=True, eq=False)
class Contrast:
    """Some windows of a model beside others or its reference: how many rows, every number, and the counts themselves.

    ``counts`` holds the windows as current and what they are put beside as reference; ``beside`` is None for the
    reference.
    """

    window: Window
    beside: Window | None
    rows: int
    rows_beside: int
    pairs: tuple[Pair, ...]
    counts: Counts


def contrast(backend: Backend, model: ModelConfig, ours: Lens, theirs: Lens | None, stored: str) -> Contrast | str:
    """Return the windows seen through one lens beside those through another; a sentence when that cannot be.

    Parameters
    ----------
    theirs : Lens, optional
        What they are put beside; the reference when there is none.
    stored : str
        The version of the store: the answer to the same question is kept until it is another one.
    """
    return _contrast(_Question(backend, model, stored), ours, theirs)


@dataclass(frozen=True)
class _Question:
    """What an answer depends on beside its windows: equal while nothing was stored and the file is the same."""

    backend: Backend
    model: ModelConfig
    stored: str

    def __hash__(self) -> int:
        return hash((self.model.name, self.stored))


@lru_cache(maxsize=KEPT)
def _contrast(asked: _Question, ours: Lens, theirs: Lens | None) -> Contrast | str:
    now = _side(asked, ours)
    if isinstance(now, str):
        return f"Window A: {now}"
    beside = now.reference
    window_beside: Window | None = None
    if theirs is not None:
        other = _side(asked, theirs)
        if isinstance(other, str):
            return f"Window B: {other}"
        if other.standard.layout.fingerprint != now.standard.layout.fingerprint:
            return "The two rest on different references: their bins cannot be compared."
        beside, window_beside = other.current, other.window
    if now.current is None or beside is None:
        return "One of the two has no rows, or its counts were removed for their age."
    pairs = tuple(_pairs(now, now.current, beside, window_beside))
    shown = replace(now, reference=beside)
    return Contrast(now.window, window_beside, now.current.rows.rows, beside.rows.rows, pairs, shown)


def _side(asked: _Question, lens: Lens) -> Counts | str:
    with asked.backend.store.read() as conn:
        found = past(conn, lens)
    windows: Sequence[Run] = () if found is None else [run for run in found.windows if run.outcome.rows]
    if not windows:
        return "no rows were seen in it."
    if len(windows) > MOST_WINDOWS:
        return f"it has {len(windows)} windows: choose at most {MOST_WINDOWS}."
    made = counts(asked.backend.store, asked.model, lens, windows)
    return "its reference is gone." if made is None else made


def _pairs(now: Counts, current: Reading, beside: Reading, window: Window | None) -> Iterator[Pair]:
    model = now.standard.layout.model
    seconds = now.window.length.total_seconds()
    before_seconds = (
        window.length.total_seconds() if window is not None else _seconds(now.standard.start, now.standard.end)
    )
    own = evaluate(Comparison(model, beside, beside, before_seconds))
    before = {_key(one): one.estimate for one in own if not _compares(one.metric)}
    for one in evaluate(Comparison(model, beside, current, seconds)):
        if one.estimate.value is not None or one.estimate.n:
            yield Pair(one.metric, one.column, one.group, one.estimate, before.get(_key(one)))


def _compares(metric: str) -> bool:
    """Tell whether a metric is a comparison itself: beside itself it says nothing."""
    known = metric_named(metric)
    return known is not None and (known.kind == "drift" or known.reads == "change")


def _seconds(start: datetime | None, end: datetime | None) -> float:
    return (end - start).total_seconds() if start is not None and end is not None else 1.0


def _key(one: Finding) -> tuple[object, ...]:
    return one.metric, one.column, None if one.group is None else tuple(one.group.items())
