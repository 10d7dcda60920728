"""What the rules say of a window that was just measured, ready to be saved with its numbers."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from monitor.domain.delay_curve import DelayCurve
from monitor.domain.verdict import Verdict
from monitor.domain.window import Window
from monitor.errors import MonitorError
from monitor.rules.nodata import COLUMNS, KINDS
from monitor.service.alarms.absence import absences
from monitor.service.alarms.verdicts import verdicts
from monitor.service.alarms.watch import Watch, basis
from monitor.service.job import Job
from monitor.service.measuring.measure import Measured
from monitor.service.reference.reference import Reference
from monitor.service.reference.volume import Volume

FIRST = timedelta(days=28)  # later weeks may hold what is to be missed


@dataclass(frozen=True)
class Judged:
    """The verdicts on one window, and the ids of the rules in force; ``fault`` is why it could not be judged."""

    window: Window
    verdicts: Sequence[Verdict] = ()
    rules: frozenset[str] | None = None
    fault: str | None = None


def judge(
    job: Job,
    watches: MutableMapping[int, Watch],
    reference: Reference,
    measured: Measured,
    revision: int,
    curve: DelayCurve | None = None,
) -> Judged:
    """Judge a measured window; a rule that fails is a fault that is told, and keeps no number from being stored.

    Parameters
    ----------
    watches : mapping of int to Watch
        Those set up before, by their reference's number: setting one up means reading the reference's windows.
    curve : DelayCurve, optional
        How the model's ground truth arrives; None while that is unknown.

    Raises
    ------
    MonitorError, MemoryError
        The store does not answer, or what is needed does not fit: the window is tried again.
    """
    watch = watches.get(reference.stored.id)
    try:
        if watch is None or watch.reference is not reference:
            watch = watches[reference.stored.id] = Watch.of(job, reference)
        said = _said(watch, job, measured, revision)
        said += _missing(watch, job, curve, measured, revision)
    except (MonitorError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - the numbers are right whatever a rule makes of them
        begins = f"{measured.window.start:%Y-%m-%d %H:%M} UTC"
        return Judged(measured.window, fault=f"the rules could not judge {begins}: {type(error).__name__}: {error}")
    return Judged(measured.window, said, frozenset({*(rule.id for rule in watch.rules), *KINDS, COLUMNS}))


def _said(watch: Watch, job: Job, measured: Measured, revision: int) -> list[Verdict]:
    if not watch.rules:
        return []
    rests_on = basis(watch, job, measured.window, measured.counted)
    return verdicts(watch, job, measured.window, measured.outcome, measured.found, revision, rests_on)


def _missing(watch: Watch, job: Job, curve: DelayCurve | None, measured: Measured, revision: int) -> list[Verdict]:
    """Return what the no-data family says, which no rule of monitor.yaml adds or takes away."""
    with job.store.read() as conn:
        usual = _volume(watch, job, conn, measured.window)
        return absences(conn, job, watch.reference, usual, curve, measured.window, measured.outcome, revision)


def _volume(watch: Watch, job: Job, conn: Connection, window: Window) -> Volume:
    """Return how many rows are usual: in the reference, or where that has no windows of its own, in the first weeks."""
    if watch.volume is not None:
        return watch.volume
    interval = None if watch.reference.trailing else watch.reference.interval
    if interval is not None:
        watch.volume = Volume.learn(conn, job, interval)
        return watch.volume
    until = job.grid_start + FIRST
    known = Window(job.grid_start, min(window.start, until)) if window.start > job.grid_start else None
    found = Volume.learn(conn, job, known)
    if window.start >= until:
        watch.volume = found
    return found
