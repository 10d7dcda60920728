"""Watches: a model's rules against each reference in use, and what they say of a window that was just measured."""

from __future__ import annotations

from dataclasses import dataclass, field

from monitor.rules.rule import Rule
from monitor.service.alarm import Judged
from monitor.service.job import Job
from monitor.service.measure import Measured
from monitor.service.reference import Reference
from monitor.service.watch import Watch, verdicts


@dataclass
class Watches:
    """Kept between windows: setting up the rules means reading the reference's windows.

    ``faults`` are what went wrong while judging: a rule that fails must not keep a window from being stored.
    """

    kept: dict[int, Watch] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    rules: tuple[Rule, ...] = ()

    def judge(self, job: Job, reference: Reference, measured: Measured, run_id: int, revision: int) -> Judged:
        """Return what the rules say of a measured window; nothing where judging fails."""
        watch = self.kept.get(reference.stored.id)
        if watch is None or watch.reference is not reference:
            watch = self.kept[reference.stored.id] = Watch.of(job, reference)
        self.rules = watch.rules
        try:
            said = verdicts(watch, job, measured.window, measured.outcome, measured.found, revision)
        except Exception as error:  # noqa: BLE001 - the numbers are right whatever a rule makes of them
            said = []
            self.faults.append(f"rules could not judge {measured.window.start:%Y-%m-%d %H:%M} UTC: {error!r}")
        return Judged(run_id, measured.window, revision, said)
