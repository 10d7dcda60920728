"""An instance: the state of one rule on one thing, after the windows that were folded into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from monitor.alerts.fingerprint import fingerprint
from monitor.domain.evidence import Evidence
from monitor.domain.verdict import Judged, Severity
from monitor.domain.window import Window

Phase = Literal["inactive", "pending", "firing", "recovering"]
Resolved = Literal["recovered", "revised", "manual", "rule_deleted", "rule_changed", "model_retired"]


@dataclass(frozen=True, slots=True)
class Look:
    """What is kept of a usable verdict: how it was, how grave, and of which window."""

    state: Judged
    severity: Severity
    window: Window


@dataclass(frozen=True, slots=True)
class Instance:
    """One rule on one thing: what it is now, and all of its past that the next window needs.

    ``last`` is the last window folded; ``unusable`` why that one said nothing, None when it did. ``settled`` is the
    last that said something: windows after it may still be judged without folding anew, by a revision beyond ``bound``,
    the highest that said nothing. ``recent`` are the last usable looks of each scale since the last resolve.

    While ``active``: ``scale`` is the one that is judged, ``oks`` counts its ok windows since the last breach,
    ``started`` is the first window of the breach run, ``fired`` the one that confirmed it, ``severity`` the gravest
    that was confirmed since; ``evidence``, ``last_breach`` and ``mature_at`` are of the latest breach. All stay after
    the resolve, whose window is ``resolved`` and whose cause ``reason``. ``ordinal`` counts usable windows, ``turns``
    are the ordinals of late fires and clears.
    """

    model: str
    rule: str
    labels: Mapping[str, str | None]
    phase: Phase = "inactive"
    last: Window | None = None
    unusable: str | None = None
    settled: Window | None = None
    bound: int = field(default=0, compare=False)
    recent: Mapping[int, tuple[Look, ...]] = field(default_factory=dict)
    scale: int | None = None
    oks: int = 0
    severity: Severity | None = None
    started: Window | None = None
    fired: Window | None = None
    last_breach: Window | None = None
    mature_at: datetime | None = None
    evidence: Evidence | None = None
    resolved: Window | None = None
    reason: Resolved | None = None
    ordinal: int = 0
    turns: tuple[int, ...] = ()
    flapping: bool = False

    @property
    def active(self) -> bool:
        """Whether it fires; while it recovers it still does."""
        return self.phase in ("firing", "recovering")

    @property
    def fingerprint(self) -> str:
        """Its name; the same for the same model, rule and labels."""
        return fingerprint(self.model, self.rule, self.labels)
