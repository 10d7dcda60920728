"""Alarms: what the verdicts of a window make of instances and incidents, saved with the window's numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from monitor.alerts.fold import advance_each, fold_each
from monitor.alerts.instance import Instance
from monitor.alerts.step import close
from monitor.domain.verdict import Verdict
from monitor.domain.window import Window
from monitor.service.alarms.judged import Judged
from monitor.service.alarms.movement import move, pause_of
from monitor.service.job import Job
from monitor.store import due, instances
from monitor.store import verdicts as kept

REVISED = "revised"


def enter(conn: Connection, job: Job, judged: Mapping[int, Judged]) -> None:
    """Save the verdicts of windows and what becomes of their instances and incidents, in the caller's transaction.

    Windows in order are folded on; one that lies before those seen, and a later revision, has everything folded again
    once no window waits for its first attempt: which order they come in makes no difference in the end. The caller
    holds the model's row: incidents are numbered.

    Parameters
    ----------
    judged : mapping of int to Judged
        By the number of the run that stored the window, oldest window first.
    """
    known = dict(instances.every(conn, job.model_id))
    again, rules = False, None
    for run_id, one in judged.items():
        kept.save(conn, run_id, map(_slim, one.verdicts))
        rules = one.rules if one.rules is not None else rules
        folded = advance_each(known, one.verdicts)
        if folded is None:
            again = True
        elif folded:
            _move(conn, job, known, [found.instance for found in folded.values()], _at(job, one.window))
    if rules is None:
        return  # nothing could be judged: what the rules are is not known either
    if again and due.pending(conn, job.model_id, job.grid_start, job.now) is None:
        _fold_again(conn, job, known, rules)
    gone = [one for one in known.values() if one.active and one.rule not in rules]
    if gone:
        _move(conn, job, known, [close(one, "rule_deleted")[0] for one in gone], job.now)


def _fold_again(conn: Connection, job: Job, known: dict[str, Instance], rules: Collection[str]) -> None:
    """Fold what is stored of the rules in force, from the first window on; only what comes out otherwise is told."""
    said = (verdict for window in kept.load(conn, job.model_id) for verdict in window if verdict.rule in rules)
    folded = {name: found.instance for name, found in fold_each(said).items()}
    changed = [instance for name, instance in folded.items() if known.get(name) != instance]
    _move(conn, job, known, changed, job.now, REVISED)


def _move(
    conn: Connection,
    job: Job,
    known: dict[str, Instance],
    moved: Sequence[Instance],
    at: datetime,
    cause: str | None = None,
) -> None:
    """Remember and save instances that have moved, and let their incidents know."""
    known |= {instance.fingerprint: instance for instance in moved}
    move(conn, job.model_id, moved, at, pause_of(job.config, job.calendar, at), cause)


def _at(job: Job, window: Window) -> datetime:
    """Return when a window that is caught up was due: what it shows is as old as that."""
    return min(job.now, window.end + job.config.delay)


def _slim(verdict: Verdict) -> Verdict:
    """Leave out what nobody asks of a verdict that all is well."""
    return replace(verdict, evidence=None) if verdict.state == "ok" else verdict
