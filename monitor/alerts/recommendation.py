"""A recommendation to train a model anew: why, from which rows, what stands in its way, who is at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from monitor.domain.verdict import Severity
from monitor.domain.window import Window

End = Literal["satisfied", "declined", "expired", "superseded"]
Status = Literal["open", "claimed"] | End
LIVE: tuple[Status, ...] = ("open", "claimed")
"""What is not over; a model has at most one recommendation that is not."""

Outcome = Literal["deployed", "no_improvement", "failed"]
ClaimState = Literal["active", "expired", "released", "revoked", "deployed", "no_improvement", "failed"]
BlockCode = Literal["no_data", "data_quality", "too_few_labels", "cool_down", "needs_human"]
Confidence = Literal["high", "medium"]
Kind = Literal["opened", "blocked", "due", "claimed", "returned", "needs_human", "approved"] | End


@dataclass(frozen=True, slots=True)
class Reason:
    """One measure of performance that has fallen: ``breaches`` of its last ``of`` windows were beyond the limit."""

    rule: str
    metric: str
    severity: Severity
    value: float | None
    limit: float | None
    n: int | None
    breaches: int
    of: int
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a recommendation rests on.

    ``windows`` are those that show the fall, oldest first. ``training`` is from where it began to the end of the last
    window whose ground truth is there: ``rows`` were logged in it, ``labelled`` of them have their ground truth.
    """

    reasons: tuple[Reason, ...]
    windows: tuple[Window, ...]
    training: Window
    rows: int = 0
    labelled: int = 0
    confidence: Confidence = "medium"

    @property
    def coverage(self) -> float | None:
        """The share of the suggested rows that have their ground truth; None without rows."""
        return self.labelled / self.rows if self.rows else None


@dataclass(frozen=True, slots=True)
class Block:
    """Something that speaks against training now: ``detail`` says it to people, ``until`` when it ends, if known."""

    code: BlockCode
    detail: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """That somebody trains, until when. Who comes back with another ``fence``, or too late, has lost it.

    ``claimant`` and ``run_id`` are what that one calls himself, ``by`` whom the monitor knows him as; None when he
    claimed before that was kept.
    """

    id: str
    claimant: str
    run_id: str
    fence: int
    ttl: timedelta
    claimed_at: datetime
    expires_at: datetime
    state: ClaimState = "active"
    ended_at: datetime | None = None
    model_version: str | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a recommendation's history."""

    at: datetime
    kind: Kind
    actor: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A recommendation as it stands.

    ``version`` grows with each event. ``attempts`` counts the claims that came to nothing; ``needs_human`` says that
    nobody may claim it before a person has looked. ``waived`` are the codes of blocks that a person has approved to go
    ahead in spite of. ``claim`` is the latest, over or not. ``cooldown_until`` is set with the end.
    """

    id: str
    model: str
    status: Status
    version: int
    opened_at: datetime
    grounds: Grounds
    blocks: tuple[Block, ...] = ()
    attempts: int = 0
    needs_human: bool = False
    waived: tuple[BlockCode, ...] = ()
    approved_by: str | None = None
    closed_at: datetime | None = None
    cooldown_until: datetime | None = None
    claim: Claim | None = None

    @property
    def live(self) -> bool:
        """Whether it is not over."""
        return self.status in LIVE

    @property
    def blocked_by(self) -> tuple[Block, ...]:
        """What keeps it from being claimed."""
        human = Block("needs_human", f"after {self.attempts} claims that came to nothing a person must look at it")
        return (*(one for one in self.blocks if one.code not in self.waived), *([human] if self.needs_human else ()))

    @property
    def due(self) -> bool:
        """Whether somebody should claim it now."""
        return self.status == "open" and not self.blocked_by


@dataclass(frozen=True, slots=True)
class Moved:
    """A recommendation after a step, and what is to be written into its history; nothing when nothing happened."""

    recommendation: Recommendation
    events: tuple[Event, ...] = ()
