"""Absence: what a window lacks of the rows and the ground truth that it should have."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor.domain.delay_curve import DelayCurve
from monitor.domain.model import FEATURE, Model, published_name
from monitor.domain.verdict import Verdict
from monitor.domain.window import Window
from monitor.rules.nodata import COLUMNS, judge_labels, judge_rows, judge_schema
from monitor.rules.situation import Situation
from monitor.service.job import Job
from monitor.service.reference.reference import Reference
from monitor.service.reference.volume import Volume
from monitor.store import tile_facts
from monitor.store.runs import Outcome

ARRIVED = 0.95  # of the ground truth that ever comes: by that age nearly all of it should be there
_MICROSECOND = timedelta(microseconds=1)


def absences(
    conn: Connection,
    job: Job,
    reference: Reference,
    volume: Volume,
    curve: DelayCurve | None,
    window: Window,
    outcome: Outcome,
    revision: int,
) -> list[Verdict]:
    """Return what the no-data family says of a measured window.

    Its ground truth is not due yet: what is judged in its stead is the last window before it whose ground truth should
    nearly all be there, so that its absence is noticed long before a horizon closes.
    """
    windows = job.config.no_data_for
    situation = Situation(job.model.name, window, revision, _silent(job, window, outcome))
    said = judge_rows(situation, outcome.rows or 0, volume.beside(window), windows)
    known, seen = _kinds(reference.layout.model), _kinds(job.model)
    said.append(replace(judge_schema(situation, known, seen, windows), rule=COLUMNS))
    if "target" not in job.model.roles:
        return said
    due = None if curve is None else _due(job, curve, window)
    if curve is None or due is None or any(due.overlaps(other) for other in job.excluded):
        return [*said, judge_labels(situation, 0, 0, None, windows)]
    facts = tile_facts.load(conn, job.model_id, due.start, due.end)
    rows, labelled = sum(one.rows for one in facts), sum(one.labelled for one in facts)
    return [*said, judge_labels(situation, rows, labelled, ARRIVED * curve.final, windows)]


def _kinds(model: Model) -> dict[str, str]:
    """Return the kind of each feature: those that are listed are always there, or the log could not be read."""
    return {published_name(name): kind for name, kind in model.columns.items() if name.startswith(FEATURE)}


def _silent(job: Job, window: Window, outcome: Outcome) -> str | None:
    if outcome.in_reference:
        return "in_reference"
    if any(window.overlaps(other) for other in job.excluded):
        return "excluded"
    if job.clock < job.now and window.start > job.last:
        return "ended"  # looked at for the first time long after its last row: history, not silence
    return None


def _due(job: Job, curve: DelayCurve, window: Window) -> Window | None:
    """Return the last window that is old enough at a window's end; None when it lies before the first."""
    until = window.end - (curve.within(ARRIVED) or job.closes_after)
    found = _ending_by(job, until)
    return found if found.start >= job.grid_start else None


def _ending_by(job: Job, until: datetime) -> Window:
    found = job.calendar.window_at(until)
    return job.calendar.window_at(found.start - _MICROSECOND) if found.end > until else found
