"""Retraining as people and machines act on it: claims, reports, and what a person decides.

Every call is one transaction that holds the model's row, so that of many who ask at once one goes first; instants are
the database's, the only clock that all of them share.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast, get_args
from uuid import uuid4

from sqlalchemy import Connection

from monitor.alerts import retraining as step
from monitor.alerts.recommendation import Moved, Outcome, Recommendation
from monitor.alerts.retraining import ClaimLostError
from monitor.config import Config
from monitor.domain.principal import Principal
from monitor.errors import UsageError
from monitor.service.access import audit
from monitor.service.notices.notice import notice_id
from monitor.service.training.case import pause_of
from monitor.service.training.recommend import tell
from monitor.service.training.record import record
from monitor.store import clock, models, recommendations, retraining_claims
from monitor.store.engine import Store
from monitor.store.recommendations import PREFIX, Stored

CLAIM_PREFIX = "clm_"
LONGEST = 40  # characters of a number
_NUMBER = re.compile(r"[0-9A-Z]{1,26}")

Step = Callable[[Recommendation, datetime], Moved]


@dataclass(frozen=True)
class By:
    """Who acts, as the audit log names him, and in which request."""

    principal: Principal
    request_id: str | None = None


@dataclass(frozen=True)
class Acted:
    """A recommendation after somebody acted on it, and whether that changed anything."""

    recommendation: Recommendation
    changed: bool


def find(conn: Connection, text: str) -> Stored:
    """Return the recommendation that a number means, which may be shortened to a beginning that no other one has.

    Raises
    ------
    UsageError
        There is none, or there are several.
    """
    exact = recommendations.get(conn, text[:LONGEST])
    if exact is not None:
        return exact
    digits = text.strip().removeprefix(PREFIX).upper()
    numbers = recommendations.beginning(conn, PREFIX + digits) if _NUMBER.fullmatch(digits) else []
    if len(numbers) > 1:
        raise UsageError(f"several recommendations begin with {text!r}", f"write more of it: {', '.join(numbers)}")
    found = recommendations.get(conn, numbers[0]) if numbers else None
    if found is None:
        hint = "`monitor retraining list --all` shows which there are"
        raise UsageError(f"there is no recommendation {text[:80]!r}", hint)
    return found


def outcome_of(text: str) -> Outcome:
    """Return the outcome that a text means.

    Raises
    ------
    UsageError
        It means none.
    """
    for known in get_args(Outcome):
        if text == known:
            return cast(Outcome, known)
    raise UsageError(f"{text[:40]!r} is no outcome", f"write one of {', '.join(get_args(Outcome))}")


def claimed(store: Store, claim_id: str) -> Stored:
    """Return the recommendation that a claim is of.

    Raises
    ------
    ClaimLostError
        There is no such claim.
    """
    with store.read() as conn:
        number = retraining_claims.whose(conn, claim_id)
        found = recommendations.get(conn, number) if number else None
    if found is None:
        raise ClaimLostError("there is none of this number")
    return found


def claim(store: Store, number: str, *, claimant: str, run_id: str, ttl: timedelta, by: By) -> Acted:
    """Claim a recommendation for a run; the same run of the same caller again gets the claim that it has.

    Who can only be refused is, from a look that keeps nobody waiting: of fifty who ask at once, few write.

    Raises
    ------
    ClaimedError, NotDueError, UsageError
        Another run has it; it is blocked or over; ``ttl`` is no time from a minute to a day.
    """
    me = by.principal.name
    with store.read() as conn:
        seen, now = find(conn, number).recommendation, clock.now(conn)
    free = step.claim(seen, number="", claimant=claimant, run_id=run_id, ttl=ttl, fence=0, at=now, by=me).recommendation
    if free == seen:
        return Acted(seen, changed=False)

    def act(conn: Connection) -> Acted:
        known = _held(conn, number)
        now = clock.now(conn)
        fence = retraining_claims.next_fence(conn, known.model_id)
        new = CLAIM_PREFIX + notice_id(now, uuid4().hex)
        return _act(
            conn, known, now, "retraining.claim", by,
            lambda found, at: step.claim(
                found, number=new, claimant=claimant, run_id=run_id, ttl=ttl, fence=fence, at=at, by=me
            ),
        )  # fmt: skip

    return store.transact(act)


def heartbeat(store: Store, claim_id: str, fence: int) -> Acted:
    """Have a claim last as long again from now.

    Raises
    ------
    ClaimLostError
        It is over, or the fence is another.
    """
    known = claimed(store, claim_id)

    def act(conn: Connection) -> Acted:
        held = _held(conn, known.id)
        return _act(
            conn, held, clock.now(conn), None, None, lambda found, at: step.heartbeat(found, claim_id, fence, at)
        )

    return store.transact(act)


def complete(
    config: Config, store: Store, claim_id: str, fence: int, outcome: Outcome, *, model_version: str | None, by: By
) -> Acted:
    """Report how the training went; ``deployed`` opens the cool-down and asks for a new reference.

    Raises
    ------
    ClaimLostError
        The claim is over, or the fence is another: what was trained must not be deployed.
    """
    known = claimed(store, claim_id)
    pause = pause_of(config.model(known.recommendation.model))

    def act(conn: Connection) -> Acted:
        return _act(
            conn, _held(conn, known.id), clock.now(conn), f"retraining.{outcome}", by,
            lambda found, at: step.complete(
                found, claim_id, fence, outcome, at, model_version=model_version, cooldown=pause
            ),
        )  # fmt: skip

    return store.transact(act)


def release(store: Store, claim_id: str, fence: int, *, by: By) -> Acted:
    """Give a claim back; that counts as no failed attempt.

    Raises
    ------
    ClaimLostError
        It is over, or the fence is another.
    """
    known = claimed(store, claim_id)

    def act(conn: Connection) -> Acted:
        held, now = _held(conn, known.id), clock.now(conn)
        return _act(
            conn, held, now, "retraining.release", by, lambda found, at: step.release(found, claim_id, fence, at)
        )

    return store.transact(act)


def approve(store: Store, number: str, *, by: By, note: str | None = None) -> Acted:
    """Let a recommendation be claimed in spite of what blocks it.

    Raises
    ------
    UsageError
        There is none, or it is over.
    """

    def act(conn: Connection) -> Acted:
        known, now = _held(conn, number), clock.now(conn)
        who = by.principal.name
        return _act(
            conn, known, now, "retraining.approve", by,
            lambda found, at: step.approve(found, actor=who, at=at, note=note),
        )  # fmt: skip

    return store.transact(act)


def decline(config: Config, store: Store, number: str, *, by: By, note: str | None = None) -> Acted:
    """Refuse a recommendation: who has claimed it loses it, and none is made again before the cool-down is over.

    Raises
    ------
    UsageError
        There is none, or it is over.
    """

    def act(conn: Connection) -> Acted:
        known, now = _held(conn, number), clock.now(conn)
        who, pause = by.principal.name, pause_of(config.model(known.recommendation.model))
        return _act(
            conn, known, now, "retraining.decline", by,
            lambda found, at: step.decline(found, actor=who, at=at, note=note, cooldown=pause),
        )  # fmt: skip

    return store.transact(act)


def _held(conn: Connection, number: str) -> Stored:
    """Return a recommendation as it is once nobody else is at its model, and keep it so until the end."""
    known = find(conn, number)
    models.lock(conn, known.model_id)
    return recommendations.get(conn, known.id) or known


def _act(conn: Connection, known: Stored, now: datetime, action: str | None, by: By | None, take: Step) -> Acted:
    """Take a step, a claim that has run out noted before, and write all of it down."""
    lapsed = step.expired(known.recommendation, now)
    before = recommendations.save(conn, known, lapsed) if lapsed.events else known
    moved = take(before.recommendation, now)
    changed = moved.recommendation != before.recommendation
    if changed:
        recommendations.save(conn, before, moved)
    if moved.events and by is not None and action is not None:
        facts = _brief(before.recommendation), _brief(moved.recommendation)
        audit.record(conn, by.principal, action, f"recommendation {known.id}", *facts, request_id=by.request_id)
    tell(conn, known.model_id, Moved(moved.recommendation, lapsed.events + moved.events), now)
    return Acted(moved.recommendation, changed)


def _brief(found: Recommendation) -> dict[str, object]:
    facts = record(found)
    return {name: facts[name] for name in ("model", "status", "version", "attempts", "needs_human", "claim")}
