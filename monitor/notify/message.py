"""What a receiver is told: one notice of one incident, everything in it already decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from monitor.domain.verdict import Severity
from monitor.domain.window import Window

MessageKind = Literal[
    "opened",
    "updated",
    "severity_up",
    "acknowledged",
    "resolved",
    "reopened",
    "repeated",
    "ack_expired",
    "escalated",
    "flapping",
    "digest",
    "retraining",
]


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that is out of bounds: which column, by which metric, how far.

    ``p`` is the p-value after the correction over all tests of its window, None where none was made.
    """

    name: str
    metric: str
    value: float | None = None
    limit: float | None = None
    p: float | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A notice for one receiver.

    ``id`` is the same however often it is sent, so that a receiver knows it again. ``at`` is when it was decided,
    ``since`` when the incident's first window began, ``window`` the newest one it speaks of. ``columns`` are the
    worst, ``more`` counts those left out. ``handle`` is what this receiver answered to an earlier notice of the same
    incident, see `Sent`. ``late`` marks what is told long after it happened. ``picture`` is a PNG. Names and texts may
    come from anybody's data: each receiver escapes them for its own wire.

    Of kind ``retraining`` it is about a recommendation: ``incident`` is its number, ``reason`` what has happened to it,
    ``document`` itself.
    """

    id: str
    kind: MessageKind
    model: str
    severity: Severity
    dedup_key: str
    incident: str
    title: str
    summary: str
    at: datetime
    since: datetime
    window: Window
    reason: str | None = None
    columns: tuple[Mark, ...] = ()
    more: int = 0
    link: str | None = None
    runbook: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    late: bool = False
    handle: str | None = None
    picture: bytes | None = field(default=None, repr=False)
    document: Mapping[str, object] | None = None
