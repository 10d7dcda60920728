"""What is said about retraining over HTTP: bodies that are taken, and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from monitor.alerts.recommendation import BlockCode, ClaimState, Confidence, Kind, Outcome, Status
from monitor.domain.verdict import Severity

Text = Annotated[str, Field(min_length=1, max_length=200, examples=["airflow"])]
Fence = Annotated[int, Field(ge=1, le=2**53 - 1, description="As the claim was answered with.")]


class Body(BaseModel):
    """A body: what it does not know is refused."""

    model_config = ConfigDict(extra="forbid")


class ClaimBody(Body):
    """Who trains, in which run; ``ttl_s`` seconds long unless there are heartbeats."""

    claimant: Text
    run_id: Annotated[str, Field(min_length=1, max_length=200, examples=["manual__2026-11-20"])]
    ttl_s: Annotated[int, Field(ge=60, le=86_400)] = 3600


class FenceBody(Body):
    """The fence of a claim."""

    fence: Fence


class CompleteBody(FenceBody):
    """How training went, and what the new version is called."""

    outcome: Outcome
    model_version: Annotated[str | None, Field(min_length=1, max_length=200)] = None


class NoteBody(Body):
    """What others should know."""

    note: Annotated[str | None, Field(min_length=1, max_length=2000)] = None


class Span(BaseModel):
    """A window of time, half-open."""

    start: datetime
    end: datetime


class Training(Span):
    """The rows to learn from: since the fall began, as far as ground truth is there."""

    rows: int
    labelled: int


class Reason(BaseModel):
    """One measure of performance that has fallen."""

    rule: str
    metric: str
    severity: Severity
    value: float | None
    limit: float | None
    n: int | None
    breaches: int
    of: int
    note: str | None


class Block(BaseModel):
    """What speaks against training now."""

    code: BlockCode
    detail: str
    until: datetime | None


class ClaimSeen(BaseModel):
    """Who has claimed it last; what proves that he has is told to himself alone."""

    claimant: str
    run_id: str
    state: ClaimState
    claimed_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    model_version: str | None


class Recommendation(BaseModel):
    """A recommendation to train a model anew; ``due`` when somebody should claim it now."""

    id: str
    model: str
    status: Status
    due: bool
    version: int
    opened_at: datetime
    closed_at: datetime | None
    reasons: list[Reason]
    evidence: list[Span]
    training: Training
    label_coverage: float | None
    confidence: Confidence
    blocked_by: list[Block]
    attempts: int
    needs_human: bool
    approved_by: str | None
    claim: ClaimSeen | None
    cooldown_until: datetime | None


class Event(BaseModel):
    """Something that happened to a recommendation."""

    version: int
    at: datetime
    kind: Kind
    actor: str | None
    note: str | None


class Told(Recommendation):
    """A recommendation with its history."""

    history: list[Event]


class Ticket(BaseModel):
    """A claim as its holder needs it: every report names ``claim_id`` and ``fence``."""

    claim_id: str
    fence: int
    expires_at: datetime
    state: ClaimState
    recommendation: Recommendation


class GateOpen(BaseModel):
    """That a model is to be trained anew now."""

    model: str
    due: bool
    reason: str
    detail: str
    recommendation: str | None
