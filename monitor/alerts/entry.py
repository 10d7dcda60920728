"""An entry of an incident's timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from monitor.domain.verdict import Severity

EntryKind = Literal[
    "opened", "reopened", "resolved",
    "joined", "left", "severity_up", "severity_down", "flapping", "settled",
    "acknowledged", "unacknowledged", "ack_expired", "ack_broken", "silenced",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened to an incident, when, by whose hand or through which instance."""

    at: datetime
    kind: EntryKind
    actor: str | None = None
    note: str | None = None
    fingerprint: str | None = None
    severity: Severity | None = None
    reason: str | None = None
