"""Alarms: what the verdicts of a window make of instances and incidents, saved with the window's numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from monitor.alerts.assemble import assemble
from monitor.alerts.fingerprint import fingerprint
from monitor.alerts.fold import advance, blank, fold_each
from monitor.alerts.incident import cooldown
from monitor.alerts.instance import Instance
from monitor.alerts.kind import group_key
from monitor.alerts.step import close
from monitor.domain.verdict import Verdict
from monitor.domain.window import Window
from monitor.rules.rule import Rule
from monitor.service.job import Job
from monitor.store import due, incidents, instances, models
from monitor.store import verdicts as kept

REVISED = "revised"


@dataclass(frozen=True)
class Judged:
    """What the rules said of one window, as one run of the ledger stored it."""

    run_id: int
    window: Window
    revision: int
    verdicts: Sequence[Verdict]


def enter(conn: Connection, job: Job, rules: Iterable[Rule], judged: Sequence[Judged]) -> None:
    """Save the verdicts of windows and what becomes of their instances and incidents, in the caller's transaction.

    Windows in order are folded on; one that lies before those seen, and a later revision, has everything folded again,
    once no window is due any more: which order they come in makes no difference in the end.
    """
    models.lock(conn, job.model_id)  # one at a time: incidents are numbered
    known = dict(instances.every(conn, job.model_id))
    again = False
    for one in judged:
        kept.save(conn, one.run_id, map(_slim, one.verdicts))
        moved = _moved(known, one.verdicts)
        if moved is None:
            again = True
            continue
        known |= {instance.fingerprint: instance for instance in moved}
        _tell(conn, job, moved, _at(job, one.window))
        instances.save(conn, job.model_id, moved)
    if again and due.pending(conn, job.model_id, job.grid_start, job.now) is None:
        _fold_again(conn, job, known)
    _close(conn, job, known, {rule.id for rule in rules})


def _moved(known: Mapping[str, Instance], said: Sequence[Verdict]) -> list[Instance] | None:
    """Return the instances after one more window; None when that window is not the next one of each."""
    by_name: dict[str, list[Verdict]] = {}
    for verdict in said:
        by_name.setdefault(fingerprint(verdict.model, verdict.rule, verdict.labels), []).append(verdict)
    moved = []
    for name, mine in by_name.items():
        folded = advance(known.get(name) or blank(mine[0]), mine)
        if folded is None:
            return None
        moved.append(folded.instance)
    return moved


def _fold_again(conn: Connection, job: Job, known: Mapping[str, Instance]) -> None:
    """Fold everything that is stored, from the first window on; only what comes out otherwise is told."""
    said = [verdict for window in kept.load(conn, job.model_id) for verdict in window]
    folded = {name: found.instance for name, found in fold_each(said).items()}
    changed = [instance for name, instance in folded.items() if known.get(name) != instance]
    instances.save(conn, job.model_id, changed)
    _tell(conn, job, changed, job.now, REVISED)


def _close(conn: Connection, job: Job, known: Mapping[str, Instance], rules: set[str]) -> None:
    """Resolve what fires by rules that are gone from the file."""
    gone = [one for one in known.values() if one.active and one.rule not in rules]
    closed = [close(one, "rule_deleted")[0] for one in gone]
    if closed:
        _tell(conn, job, closed, job.now)
        instances.save(conn, job.model_id, closed)


def _tell(conn: Connection, job: Job, moved: Iterable[Instance], at: datetime, cause: str | None = None) -> None:
    """Let the incidents know of instances that have moved."""
    by_key: dict[str, list[Instance]] = {}
    for instance in moved:
        by_key.setdefault(group_key(instance.model, instance.labels), []).append(instance)
    pause = job.config.cooldown or cooldown(job.calendar.window_at(at).length)
    for key, mine in by_key.items():
        last = incidents.latest(conn, key)
        changed = assemble(last.incident if last else None, mine, at, cooldown=pause, cause=cause)
        incidents.save(conn, job.model_id, changed)


def _at(job: Job, window: Window) -> datetime:
    """Return when a window that is caught up was due: what it shows is as old as that."""
    return min(job.now, window.end + job.config.delay)


def _slim(verdict: Verdict) -> Verdict:
    """Leave out what nobody asks of a verdict that all is well."""
    return replace(verdict, evidence=None) if verdict.state == "ok" else verdict
