"""Running: every window that is due is observed, measured and stored, model by model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Connection

from monitor.config import Config, ModelConfig
from monitor.domain.window import Window
from monitor.errors import LearningError, MonitorError, SourceError, UsageError
from monitor.service.alarms import alarm, standstill
from monitor.service.alarms.judged import Judged, judge
from monitor.service.apply import apply
from monitor.service.checking.first_look import UNVERSIONED, demand_sane_start, first_remarks, interval_remarks
from monitor.service.job import Job, open_job
from monitor.service.measuring.measure import Measured, measure
from monitor.service.measuring.revise import RESTATED
from monitor.service.reference.pins import Pins, pins, prepare, uncut
from monitor.service.tiles.delay_curve import delay_curve, note_looked_at
from monitor.service.windows.judging import judge_all
from monitor.service.workbench import Workbench
from monitor.source.scrub import scrub
from monitor.store import changes, measurements, model_counters, models, runs
from monitor.store.engine import Store
from monitor.store.runs import Run

ModelProgress = Callable[[str, str, int, int], None]
TOGETHER = 16  # windows committed at a time
_DEBUG = "set MONITOR_DEBUG=1 to see where, and report it"


@dataclass
class ModelRun:
    """What a run did for one model; ``left`` windows were left to another process that has them."""

    model: str
    run_ids: list[int] = field(default_factory=list)
    windows: int = 0
    revised: int = 0
    remarks: list[str] = field(default_factory=list)
    error: MonitorError | None = None
    learning_until: datetime | None = None
    left: int = 0


@dataclass(frozen=True, eq=False)
class Fresh:
    """A window that was measured and judged, not stored yet; ``why`` there is a later revision, None of the first."""

    measured: Measured
    revision: int
    why: str | None
    judged: Judged


@dataclass(frozen=True)
class Span:
    """Which windows are asked for: all that are due, those inside ``[start, end)``, or that interval as one.

    ``restate`` measures those again that are done, against the reference and by the configuration in force now.
    """

    start: datetime | None = None
    end: datetime | None = None
    single: bool = False
    restate: bool = False


def run(
    config: Config,
    store: Store,
    *,
    names: Sequence[str] | None = None,
    now: datetime | None = None,
    span: Span = Span(),
    progress: ModelProgress = lambda *_: None,
    bench: Workbench | None = None,
) -> list[ModelRun]:
    """Evaluate every due window of the chosen models; a model that fails does not stop the others.

    ``now`` decides what is due; None is the present, and then windows end ``catchup_window`` after the last row.
    ``bench`` keeps references and rules ready for whoever runs again and again.

    Raises
    ------
    UsageError
        A model is not in the configuration.
    """
    wanted = _wanted(config, names)
    apply(config, store, now or datetime.now(UTC))
    return [_run_model(model, bench or Workbench(config, store), now, span, progress) for model in wanted]


def _wanted(config: Config, names: Sequence[str] | None) -> list[ModelConfig]:
    for name in names or ():
        if config.model(name) is None:
            known = ", ".join(m.name for m in config.models)
            raise UsageError(f"there is no model {name!r} in {config.file}", hint=f"choose among {known}")
    return [m for m in config.models if not names or m.name in names]


def _run_model(
    model: ModelConfig, bench: Workbench, now: datetime | None, span: Span, progress: ModelProgress
) -> ModelRun:
    done, config, store = ModelRun(model.name), bench.config, bench.store
    try:
        job = open_job(model, config, store, now, lambda phase, n, of: progress(model.name, phase, n, of))
        if job is None:
            done.remarks.append("the log has no rows yet")
        else:
            try:
                _work(bench, job, span, done, bounded=now is None)
            finally:
                job.source.close()
    except LearningError as error:
        done.remarks.append(error.message)
    except MonitorError as error:
        done.error = error
    except Exception as error:  # noqa: BLE001 - whatever a driver raises, the other models go on
        urls = (model.source.url, (model.source.ground_truth and model.source.ground_truth.url) or "", config.store)
        said = scrub(f"model {model.name!r} failed: {type(error).__name__}: {error}", *urls)
        done.error = MonitorError(said, hint=_DEBUG)
        done.error.__cause__ = error
    at = now or datetime.now(UTC)
    _note(store, model.name, done.error, at)
    standstill.after(store, model, done.error, at)
    return done


def due_windows(job: Job, span: Span, *, bounded: bool) -> list[Window]:
    """Return the windows asked for, oldest first; with ``bounded`` those long after the last row are left out."""
    if span.single and span.start and span.end:
        return [_single(job, Window(span.start, span.end))]
    until = job.now - job.config.delay
    if bounded:
        until = min(until, max(job.last + job.config.catchup_window, job.calendar.window_at(job.last).end))
    if span.end is not None:
        until = min(until, span.end)
    begin = max(job.grid_start, span.start or job.kept_since or job.grid_start)
    found = job.calendar.windows(begin, until)
    return [w for w in found if span.start is None or w.start >= span.start]


def _single(job: Job, window: Window) -> Window:
    bounds = job.calendar.tiles(window.start, window.end)
    if bounds[0] != window.start or bounds[-1] != window.end:
        known = [f"{t:%Y-%m-%dT%H:%M}" for t in (window.start, window.end, bounds[0], bounds[-1])]
        raise UsageError(
            f"{known[0]} to {known[1]} UTC are not whole hours in {job.calendar.zone}",
            hint=f"choose {known[2]} to {known[3]} UTC",
        )
    return window


def _work(bench: Workbench, job: Job, span: Span, done: ModelRun, *, bounded: bool) -> None:
    if span.start is None:
        demand_sane_start(job.config, job.first, min(job.last, job.now))
    windows = due_windows(job, span, bounded=bounded)
    if not span.single:
        done.remarks += interval_remarks(job, (span.start, span.end), windows)
    if job.config.reference is None and job.learned_at + job.config.delay > job.now:
        done.learning_until = job.learned_at
    reference = bench.reference(job)
    done.learning_until = None  # it was promoted, or it has learned
    if not windows:
        return
    with job.store.read() as conn:
        known = {run.window: run for run in runs.latest(conn, job.model_id)}
    windows = [w for w in windows if span.start or _unsettled(known.get(w))]
    found = pins(job, reference, [known[w] for w in windows if w in known], restating=span.restate)
    windows = _measurable(job, found, windows, known, done, asked=span.start is not None)
    found = prepare(job, found, windows, known)
    looked_at = [w for w in windows if found.of(known.get(w)) is not None]
    job.transact(lambda conn: note_looked_at(conn, job, looked_at))
    if not known:
        done.remarks += first_remarks(job, reference)
    _measure_all(bench, job, found, windows, known, done)


def _measurable(
    job: Job, found: Pins, windows: list[Window], known: Mapping[Window, Run], done: ModelRun, *, asked: bool
) -> list[Window]:
    """Leave out windows of which the hours are gone, and say so when they were asked for or never measured."""
    left = uncut(job, found, windows, known)
    cut = set(windows) - set(left)
    missed = [w for w in cut if asked or w not in known]
    if missed:
        said = f"the hours of {len(missed)} of {len(windows)} windows were rolled up into days and cannot be told apart"
        if asked and not left:
            raise UsageError(said, "choose whole days; retention.hourly_counts says how long hours are kept")
        done.remarks.append(f"{said}: not measured")
    return left


def _unsettled(last: Run | None) -> bool:
    """Tell whether a window may still get a revision: until its horizon has closed, and what came by then is in."""
    return last is None or not last.outcome.closed


def _measure_all(
    bench: Workbench, job: Job, found: Pins, windows: Sequence[Window], known: Mapping[Window, Run], done: ModelRun
) -> None:
    curve = delay_curve(job)
    expected = curve.final if curve else None
    verdicts = {} if found.restating else judge_all(job, found, [known[w] for w in windows if w in known], expected)
    pending: list[Fresh] = []
    faults: list[str] = []
    for number, window in enumerate(windows):
        job.progress("measuring", number, len(windows))
        last, against = known.get(window), found.of(known.get(window))
        why = RESTATED if found.restating else v.cause if (v := verdicts.get(window)) and v.due else None
        if against is not None and (last is None or why is not None):
            revision = 0 if last is None else last.revision + 1
            measured = measure(job, against, window, revision, expected=expected)
            judged = judge(job, bench.watches, against, measured, revision, curve)
            faults += [judged.fault] if judged.fault else []
            pending.append(Fresh(measured, revision, why if last else None, judged))
        if len(pending) >= TOGETHER:
            _store(job, pending, done)
            pending = []
    _store(job, pending, done)
    done.remarks += faults[:1]
    job.progress("measuring", len(windows), len(windows))


def _store(job: Job, batch: Sequence[Fresh], done: ModelRun) -> None:
    """Enter windows into the ledger with their measurements, alarms and the change feed, in one transaction."""
    if not batch:
        return
    if any(fresh.measured.unversioned for fresh in batch) and UNVERSIONED not in done.remarks:
        done.remarks.append(UNVERSIONED)
    entered = job.transact(partial(_enter, job, batch), ledger=True)
    done.left += len(batch) - len(entered)
    done.run_ids += [c.run_id for c in entered if c.run_id is not None]
    done.windows += sum(1 for c in entered if not c.revision)
    done.revised += sum(1 for c in entered if c.revision)


def _enter(job: Job, batch: Sequence[Fresh], conn: Connection) -> list[changes.Change]:
    """Enter windows; those that another process was faster with, or that a worker has, are left out."""
    entered, judged = [], {}
    for fresh in batch:
        window, revision = fresh.measured.window, fresh.revision
        outcome = replace(fresh.measured.outcome, cause=fresh.why)
        run_id = runs.insert_done(conn, job.model_id, window, revision, outcome, now=job.now, started_at=job.now)
        if run_id is not None:
            measurements.insert_many(conn, job.model_id, run_id, fresh.measured.found)
            kind = "revision" if revision else "window"
            entered.append(changes.Change(job.model_id, kind, job.now, window, revision, run_id))
            judged[run_id] = fresh.judged
    alarm.enter(conn, job, judged)
    if again := sum(1 for c in entered if c.revision):
        model_counters.add(conn, job.model_id, "revisions", again)
    changes.append(conn, entered)
    return entered


def _note(store: Store, name: str, error: MonitorError | None, now: datetime) -> None:
    state = error.state if isinstance(error, SourceError) else "failed" if error else "ok"

    def note(conn: Connection) -> None:
        stored = models.find(conn, name)
        if stored is not None:
            models.note_source(conn, stored.id, state, None if error is None else str(error), now)

    store.transact(note)
