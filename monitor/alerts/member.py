"""A member: what an incident knows of one of its instances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.alerts.instance import Instance, Phase, Resolved
from monitor.domain.evidence import Evidence
from monitor.domain.verdict import Severity
from monitor.domain.window import Window


@dataclass(frozen=True, slots=True)
class Member:
    """An instance as an incident and its notices need it."""

    fingerprint: str
    rule: str
    labels: Mapping[str, str | None]
    severity: Severity
    phase: Phase
    started: Window
    fired: Window
    last_breach: Window
    flapping: bool = False
    mature_at: datetime | None = None
    evidence: Evidence | None = None
    reason: Resolved | None = None

    @property
    def firing(self) -> bool:
        """Whether the instance fires or recovers."""
        return self.phase in ("firing", "recovering")

    @property
    def held(self) -> bool:
        """Whether it keeps the incident open: it fires, or it flaps and has not settled."""
        return self.firing or self.flapping

    @property
    def judged_at(self) -> datetime:
        """When its latest breach could be known: the window's end, or when its ground truth was there."""
        return max(self.last_breach.end, self.mature_at or self.last_breach.end)


def member_of(instance: Instance, known: Member | None = None) -> Member | None:
    """Return what an incident keeps of an instance, None when it has never fired.

    ``known`` is the member that it was: when older windows were judged anew it may turn out to have never fired, and is
    that member then, no longer firing.
    """
    if known is not None and instance.fired is None:
        return replace(known, phase=instance.phase, flapping=instance.flapping, reason="revised")
    if None in (instance.severity, instance.started, instance.fired, instance.last_breach):
        return None
    return Member(
        instance.fingerprint,
        instance.rule,
        instance.labels,
        instance.severity,  # type: ignore[arg-type]
        instance.phase,
        instance.started,  # type: ignore[arg-type]
        instance.fired,  # type: ignore[arg-type]
        instance.last_breach,  # type: ignore[arg-type]
        instance.flapping,
        instance.mature_at,
        instance.evidence,
        instance.reason,
    )
