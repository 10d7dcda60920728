"""What becomes of a recommendation: it is claimed, reported on, given back, approved, declined, over.

Instants are those of the one clock that all claimants share. Done twice, the second time changes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from monitor.alerts.recommendation import Claim, ClaimState, End, Event, Kind, Moved, Outcome, Recommendation
from monitor.errors import MonitorError, UsageError

SHORTEST, LONGEST = timedelta(seconds=60), timedelta(days=1)
MOST_ATTEMPTS = 3


class ClaimedError(MonitorError):
    """Somebody else has claimed the recommendation; ``claim`` says who, until when."""

    def __init__(self, claim: Claim) -> None:
        until = f"{claim.expires_at:%Y-%m-%d %H:%M:%S} UTC"
        super().__init__(f"{claim.claimant} has claimed it until {until}", "wait, or ask again then")
        self.claim = claim


class ClaimLostError(MonitorError):
    """A claim is over, or was never this one: who held it must not deploy what he has trained."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the claim is lost: {why}", "do not deploy; claim the recommendation anew if it is still due")


class NotDueError(MonitorError):
    """A recommendation may not be claimed: it is blocked, or over."""

    def __init__(self, recommendation: Recommendation) -> None:
        blocks = "; ".join(block.detail for block in recommendation.blocked_by)
        why = blocks if recommendation.live else f"it is {recommendation.status}"
        hint = "wait until that is over, or have a person approve it" if recommendation.live else None
        super().__init__(f"the recommendation cannot be claimed: {why}", hint)
        self.recommendation = recommendation


class OverError(UsageError):
    """A recommendation is over: nothing can be decided about it any more."""

    def __init__(self, recommendation: Recommendation) -> None:
        super().__init__(
            f"the recommendation is {recommendation.status}", "only one that is not over can be decided on"
        )
        self.recommendation = recommendation


def claim(
    known: Recommendation,
    *,
    number: str,
    claimant: str,
    run_id: str,
    ttl: timedelta,
    fence: int,
    at: datetime,
    by: str | None = None,
) -> Moved:
    """Return the recommendation claimed; the same run of the same caller again gets the claim that it has.

    Parameters
    ----------
    number : str
        What the claim is called from now on.
    fence : int
        Greater than that of every earlier claim of the model.
    by : str, optional
        Whom the monitor knows the claimant as: run ids can be read by others, so they alone prove nothing.

    Raises
    ------
    ClaimedError
        Another run has it.
    NotDueError
        It is blocked, or over.
    UsageError
        ``ttl`` is shorter than a minute or longer than a day.
    """
    if not SHORTEST <= ttl <= LONGEST:
        raise UsageError("a claim lasts 60 to 86400 seconds", "choose what one step of the training takes; then renew")
    lapsed = expired(known, at)
    now, held = lapsed.recommendation, lapsed.recommendation.claim
    if now.status == "claimed" and held is not None:
        if (held.claimant, held.run_id) == (claimant, run_id) and held.by in (None, by):
            return Moved(known)
        raise ClaimedError(held)
    if not now.due:
        raise NotDueError(now)
    taken = Claim(number, claimant, run_id, fence, ttl, at, at + ttl, by=by)
    return _moved(replace(now, status="claimed", claim=taken), at, "claimed", claimant, run_id, before=lapsed.events)


def heartbeat(known: Recommendation, number: str, fence: int, at: datetime) -> Moved:
    """Return the recommendation with its claim lasting as long again from now.

    Raises
    ------
    ClaimLostError
        The claim is over, or the fence is another.
    """
    held = _held(known, number, fence, at)
    return Moved(replace(known, claim=replace(held, expires_at=at + held.ttl)))


def complete(
    known: Recommendation,
    number: str,
    fence: int,
    outcome: Outcome,
    at: datetime,
    *,
    model_version: str | None = None,
    cooldown: timedelta = timedelta(0),
) -> Moved:
    """Return the recommendation after its claimant has reported how it went.

    ``deployed`` ends it and opens the cool-down; after ``failed`` another may claim it, up to three times in all; after
    ``no_improvement`` a person must look at it. The same report again changes nothing.

    Raises
    ------
    ClaimLostError
        The claim is over, or the fence is another: whatever was trained must not be deployed.
    """
    last = known.claim
    if last is not None and (last.id, last.fence, last.state) == (number, fence, outcome):
        return Moved(known)
    held = replace(_held(known, number, fence, at), state=outcome, ended_at=at, model_version=model_version)
    if outcome == "deployed":
        ended = replace(known, claim=held)
        return _over(ended, "satisfied", at, held.claimant, model_version, cooldown=cooldown)
    return _returned(replace(known, claim=held), at, outcome, at_once=outcome == "no_improvement")


def release(known: Recommendation, number: str, fence: int, at: datetime) -> Moved:
    """Return the recommendation given back; that is no failed attempt.

    Raises
    ------
    ClaimLostError
        The claim is over, or the fence is another.
    """
    last = known.claim
    if last is not None and (last.id, last.fence, last.state) == (number, fence, "released"):
        return Moved(known)
    held = _held(known, number, fence, at)
    freed = replace(known, status="open", claim=replace(held, state="released", ended_at=at))
    return _moved(freed, at, "returned", held.claimant, "released")


def expired(known: Recommendation, at: datetime) -> Moved:
    """Return the recommendation without a claim that has run out."""
    held = known.claim
    if known.status != "claimed" or held is None or at < held.expires_at:
        return Moved(known)
    return _returned(replace(known, claim=replace(held, state="expired", ended_at=held.expires_at)), at, "expired")


def approve(known: Recommendation, *, actor: str, at: datetime, note: str | None = None) -> Moved:
    """Return the recommendation free to be claimed in spite of what blocks it now.

    Raises
    ------
    OverError
        It is over.
    """
    _alive(known)
    if not known.blocked_by:
        return Moved(known)
    waived = tuple(dict.fromkeys((*known.waived, *(block.code for block in known.blocks))))
    freed = replace(known, waived=waived, needs_human=False, attempts=0, approved_by=actor)
    return _moved(freed, at, "approved", actor, note)


def decline(
    known: Recommendation, *, actor: str, at: datetime, note: str | None = None, cooldown: timedelta = timedelta(0)
) -> Moved:
    """Return the recommendation refused by a person; who had claimed it has lost it.

    Nothing is recommended again for this model before the cool-down is over.

    Raises
    ------
    OverError
        It is over already, otherwise than by having been declined.
    """
    if known.status == "declined":
        return Moved(known)
    _alive(known)
    return _over(_revoked(known, at), "declined", at, actor, note, cooldown=cooldown)


def end(known: Recommendation, status: End, at: datetime, note: str) -> Moved:
    """Return a recommendation that nobody has claimed ended by itself: what it was for is over."""
    return _over(known, status, at, None, note) if known.status == "open" else Moved(known)


def _held(known: Recommendation, number: str, fence: int, at: datetime) -> Claim:
    held = known.claim
    if held is None or held.id != number:
        raise ClaimLostError("another has been made since")
    if held.state != "active" or known.status != "claimed":
        raise ClaimLostError(f"it is {held.state}")
    if held.fence != fence:
        raise ClaimLostError(f"its fence is {held.fence}, not {fence}")
    if at >= held.expires_at:
        raise ClaimLostError(f"it ran out at {held.expires_at:%Y-%m-%d %H:%M:%S} UTC")
    return held


def _returned(known: Recommendation, at: datetime, why: ClaimState, *, at_once: bool = False) -> Moved:
    """Return it open again after a claim that came to nothing; after the third a person must look at it."""
    attempts, who = known.attempts + 1, known.claim.claimant if known.claim else None
    opened = replace(known, status="open", attempts=attempts)
    moved = _moved(opened, at, "returned", who, why)
    if not at_once and attempts < MOST_ATTEMPTS:
        return moved
    human = replace(moved.recommendation, needs_human=True)
    return _moved(human, at, "needs_human", before=moved.events)


def _revoked(known: Recommendation, at: datetime) -> Recommendation:
    if known.status != "claimed" or known.claim is None:
        return known
    return replace(known, claim=replace(known.claim, state="revoked", ended_at=at))


def _over(
    known: Recommendation,
    status: End,
    at: datetime,
    actor: str | None,
    note: str | None,
    *,
    cooldown: timedelta = timedelta(0),
) -> Moved:
    until = at + cooldown if cooldown else None
    closed = replace(known, status=status, closed_at=at, cooldown_until=until, needs_human=False)
    return _moved(closed, at, status, actor, note)


def _moved(
    known: Recommendation,
    at: datetime,
    kind: Kind,
    actor: str | None = None,
    note: str | None = None,
    *,
    before: tuple[Event, ...] = (),
) -> Moved:
    return Moved(replace(known, version=known.version + 1), (*before, Event(at, kind, actor, note)))


def _alive(known: Recommendation) -> None:
    if not known.live:
        raise OverError(known)
