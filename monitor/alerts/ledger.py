"""A ledger: what one receiver was last told of one incident."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from monitor.domain.verdict import Severity

NoticeKind = Literal[
    "opened", "updated", "severity_up", "resolved", "reopened",
    "repeated", "ack_expired", "escalated", "flapping", "digest",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a receiver knows: ``told`` the state, ``severity``, ``members`` and ``flapping`` by fingerprint.

    ``seq`` counts the notices. ``told_at`` is when the last was decided, ``paged_at`` the last that was no mere update.
    ``ack_expirations``, ``escalated_since`` and ``step`` are as far as it was told of them. ``hushed`` says that a
    silence covers all of it since. ``episode`` counts openings and reopenings that were told or listed in a digest.
    """

    told: Literal["nothing", "open", "resolved"] = "nothing"
    seq: int = 0
    severity: Severity | None = None
    members: frozenset[str] = frozenset()
    flapping: frozenset[str] = frozenset()
    told_at: datetime | None = None
    paged_at: datetime | None = None
    ack_expirations: int = 0
    escalated_since: datetime | None = None
    step: int = 0
    hushed: bool = False
    episode: int = 0
