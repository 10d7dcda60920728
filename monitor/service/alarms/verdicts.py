"""Verdicts: what a model's rules say of a measured window."""

from __future__ import annotations

from dataclasses import replace

from monitor.domain.measurement import Measurement
from monitor.domain.verdict import Verdict
from monitor.domain.window import Window
from monitor.rules.judge import judge
from monitor.rules.situation import Situation
from monitor.service.alarms.watch import Basis, Watch
from monitor.service.job import Job
from monitor.service.measuring.revise import mature
from monitor.service.reference.reference import WHOLE, Reference
from monitor.store.runs import Outcome


def verdicts(
    watch: Watch, job: Job, window: Window, outcome: Outcome, found: list[Measurement], revision: int, basis: Basis
) -> list[Verdict]:
    """Return what the rules say of a window: rules that differ in their limits alone can share a basis."""
    said = judge(
        _situation(watch, job, window, outcome, revision, learning=basis.learning),
        watch.rules,
        watch.levels,
        sides=basis.sides,
        measurements=found,
        before=basis.before,
        known=watch.known,
    )
    begins = basis.begins
    return [replace(verdict, since=begins[verdict.scale]) if verdict.scale in begins else verdict for verdict in said]


def _situation(watch: Watch, job: Job, window: Window, outcome: Outcome, revision: int, *, learning: bool) -> Situation:
    silent = None
    if outcome.in_reference:
        silent = "in_reference"
    elif any(window.overlaps(other) for other in job.excluded):
        silent = "excluded"
    elif learning:
        silent = "learning"
    elif not outcome.rows:
        silent = "no_rows"
    return Situation(
        job.model.name,
        window,
        revision,
        silent,
        reference_mature=_reference_mature(watch.reference, job, outcome.expected),
        mature_at=None if outcome.provisional else job.now,
        judge_provisional=job.config.alert_provisional,
    )


def _reference_mature(reference: Reference, job: Job, expected: float | None) -> bool:
    if reference.interval is None or reference.trailing:
        return True
    if reference.interval.end + job.closes_after <= job.clock:
        return True
    rows = reference.reading(WHOLE).rows
    return not rows.has_target or not rows.rows or mature(rows.labelled / rows.rows, expected)
