"""Backtesting: when a model's rules, or others that somebody proposes, would have fired over the stored history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from monitor.alerts.assemble import assemble
from monitor.alerts.fold import advance_each
from monitor.alerts.incident import Incident, cooldown
from monitor.alerts.instance import Instance
from monitor.config import Config, ModelConfig, RuleConfig
from monitor.domain.measurement import Measurement
from monitor.domain.verdict import Verdict
from monitor.domain.window import Window
from monitor.rules.rule import Rule
from monitor.service.alarms.verdicts import verdicts
from monitor.service.alarms.watch import KEPT, Basis, Watch, basis
from monitor.service.job import Job, open_job
from monitor.service.record import instant_or_none
from monitor.service.reference import ordinary
from monitor.service.reference.reference import resolve
from monitor.store import measurements, runs
from monitor.store.engine import Store
from monitor.store.runs import Run

GROUPS = "selection_rate"  # its rows tell how many groups each gap was found among
Progress = Callable[[str, int, int], None]
Ends = tuple[datetime | None, datetime | None]


@dataclass(frozen=True)
class Fired:
    """An incident that there would have been: ``until`` is None while it would still be open."""

    model: str
    zone: str
    severity: str
    since: datetime
    until: datetime | None
    rules: tuple[str, ...]
    columns: tuple[str, ...]
    reopened: int = 0

    def record(self) -> dict[str, Any]:
        """Return it flat, for machines."""
        return {
            "model": self.model,
            "severity": self.severity,
            "opened_at": instant_or_none(self.since),
            "resolved_at": instant_or_none(self.until),
            "rules": list(self.rules),
            "columns": list(self.columns),
            "reopened": self.reopened,
        }


@dataclass(frozen=True)
class Backtest:
    """What the rules of one model would have done: ``days`` is the time looked at, ``fires`` counts them by rule."""

    model: str
    windows: int
    days: float
    incidents: tuple[Fired, ...]
    fires: Mapping[str, int]

    @property
    def per_month(self) -> float | None:
        """Incidents in 30 days; None when less than a day was looked at."""
        return 30 * len(self.incidents) / self.days if self.days >= 1 else None


def backtest(
    config: Config,
    store: Store,
    model: ModelConfig,
    *,
    proposed: Sequence[RuleConfig] = (),
    ends: Ends = (None, None),
    progress: Progress = lambda *_: None,
) -> Backtest:
    """Judge every stored window of a model again, oldest first, and fold what is found; nothing is stored.

    Parameters
    ----------
    proposed : sequence of RuleConfig
        Rules in place of the model's own.
    ends : pair of datetime, optional
        Only windows that begin in between.
    """
    chosen = model.model_copy(update={"rules": tuple(proposed)}) if proposed else model
    job = open_job(chosen, config, store, None, progress)
    if job is None:
        return Backtest(model.name, 0, 0.0, (), {})
    with closing(job.source):
        laid_out = _bench(job, ends)
        return tried(laid_out, laid_out.watch.rules, progress)


@dataclass(frozen=True, eq=False)
class Bench:
    """A model's past laid out for judging: what can be kept while one set of rules after another is tried on it.

    ``known`` holds what verdicts rest on, by what rules ask of it; None where rules are tried once.
    """

    job: Job
    watch: Watch
    done: tuple[Run, ...]
    ends: Ends
    measured: dict[str, list[Measurement]] = field(default_factory=dict)
    known: dict[Hashable, dict[Window, Basis]] | None = None


def bench(config: Config, store: Store, model: ModelConfig, ends: Ends) -> Bench | None:
    """Lay out a model's past; None when there is none. Trying rules on it needs the store alone, not the log.

    All its windows' counts are kept once they have been looked at: the first try takes seconds, others a part of one.
    """
    job = open_job(model, config, store, None, lambda *_: None)
    if job is None:
        return None
    with closing(job.source):
        found = _bench(job, ends)
    found.watch.kept = len(found.done) + KEPT
    trailing = found.watch.reference.trailing  # then each day has an ordinary life of its own: too much to keep
    return found if trailing else replace(found, known={})


def _bench(job: Job, ends: Ends) -> Bench:
    watch = Watch.of(job, resolve(job))
    with job.store.read() as conn:
        return Bench(job, watch, tuple(runs.latest(conn, job.model_id, *ends)), ends)


def tried(bench: Bench, rules: Sequence[Rule], progress: Progress = lambda *_: None) -> Backtest:
    """Judge all windows that were laid out by some rules, oldest first, and fold what is found."""
    job, done = bench.job, bench.done
    watch = replace(bench.watch, rules=tuple(rules))  # what was counted and learned is shared
    found = _measured(bench, rules)
    told = Told(job)
    for number, run in enumerate(done):
        progress("judging", number, len(done))
        told.hear(run.window.end, _said(bench, watch, run, found.get(run.window.start, [])))
    progress("judging", len(done), len(done))
    days = (done[-1].window.end - done[0].window.start).total_seconds() / 86_400 if done else 0.0
    return Backtest(job.model.name, len(done), days, tuple(told.incidents()), dict(told.fires))


def _said(bench: Bench, watch: Watch, run: Run, found: list[Measurement]) -> list[Verdict]:
    """Return what the rules say of a window, on a basis that is kept where other limits will be tried on it."""
    if not watch.rules:
        return []
    asked = any(rule.segments for rule in watch.rules), any(rule.version for rule in watch.rules)
    limited = *(metric.name for metric in ordinary.limited(watch.rules)), any(rule.change for rule in watch.rules)
    kept = {} if bench.known is None else bench.known.setdefault((asked, limited), {})
    if run.window not in kept:
        kept[run.window] = basis(watch, bench.job, run.window)
    return verdicts(watch, bench.job, run.window, run.outcome, found, run.revision, kept[run.window])


class Told:
    """What has fired so far: the instances, the incidents, and how often each rule confirmed an alarm."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.instances: dict[str, Instance] = {}
        self.latest: dict[str, Incident] = {}
        self.fires: Counter[str] = Counter()

    def hear(self, at: datetime, said: Sequence[Verdict]) -> None:
        """Take in the verdicts of one window."""
        folded = advance_each(self.instances, said) or {}
        for found in folded.values():
            self.fires.update(found.instance.rule for change in found.transitions if change.kind == "fired")
        moved = [found.instance for found in folded.values()]
        self.instances |= {name: found.instance for name, found in folded.items()}
        last = next(reversed(self.latest.values()), None)
        length = said[0].window.length if said else None
        if length is None:
            return
        incident = assemble(last, moved, at, cooldown=cooldown(length)).incident
        if incident is not None:
            self.latest[incident.dedup_key] = incident

    def incidents(self) -> Iterator[Fired]:
        """Yield the incidents that there would have been, oldest first."""
        for incident in self.latest.values():
            yield Fired(
                incident.model,
                self.job.calendar.zone,
                incident.severity,
                incident.started_at,
                incident.resolved_at,
                tuple(sorted({member.rule for member in incident.members})),
                incident.columns,
                incident.reopen_count,
            )


def _measured(bench: Bench, rules: Sequence[Rule]) -> dict[datetime, list[Measurement]]:
    """Return the stored numbers that rules judge, by the beginning of their window."""
    found: dict[datetime, list[Measurement]] = {}
    (start, end), model = bench.ends, bench.job.model.name
    with bench.job.store.read() as conn:
        for metric in sorted({rule.metric for rule in rules} | {GROUPS}):
            if metric not in bench.measured:
                kept = measurements.query(conn, model=model, metric=metric, start=start, end=end)
                bench.measured[metric] = list(kept)
            for one in bench.measured[metric]:
                found.setdefault(one.window_start, []).append(one)
    return found
