"""What routes about retraining share: who sees which recommendation, and what refusals become."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil

from fastapi import Request

from monitor.alerts.retraining import ClaimedError, ClaimLostError, NotDueError, OverError
from monitor.api.correlation import request_id
from monitor.api.problem import Problem, not_found
from monitor.domain.principal import Principal
from monitor.service.backend import Backend
from monitor.service.record import instant
from monitor.service.training.record import record
from monitor.service.training.retraining import By
from monitor.store import clock, recommendations, retraining_claims
from monitor.store.recommendations import Stored

NONE = "There is no such recommendation, or none that you may see."
NO_CLAIM = "There is no such claim, or none that you may see."


def seen(here: Backend, caller: Principal, number: str) -> Stored:
    """Return a recommendation that is there and of a model that the caller may see.

    Raises
    ------
    Problem
        404.
    """
    with here.store.read() as conn:
        found = recommendations.get(conn, number)
    if found is None or not caller.sees(found.recommendation.model):
        raise not_found(NONE)
    return found


def claimed(here: Backend, caller: Principal, claim_id: str) -> Stored:
    """Return the recommendation of a claim that is there, of a model that the caller may see.

    Raises
    ------
    Problem
        404.
    """
    with here.store.read() as conn:
        number = retraining_claims.whose(conn, claim_id)
        found = recommendations.get(conn, number) if number else None
    if found is None or not caller.sees(found.recommendation.model):
        raise not_found(NO_CLAIM)
    return found


def by(caller: Principal, request: Request) -> By:
    """Return who acts, for the audit log."""
    return By(caller, request_id(request.scope) or None)


@contextmanager
def refusing(here: Backend | None = None) -> Iterator[None]:
    """Turn what is refused into its problem, 409 each time: another's claim, a lost one, a block, an end."""
    try:
        yield
    except ClaimedError as error:
        held = error.claim
        more = {"holder": held.claimant, "run_id": held.run_id, "expires_at": instant(held.expires_at)}
        raise Problem(409, "already-claimed", error.message, headers=_later(here, error), more=more) from None
    except NotDueError as error:
        flat = record(error.recommendation)
        more = {name: flat[name] for name in ("status", "blocked_by", "needs_human")}
        raise Problem(409, "not-claimable", error.message, more=more) from None
    except ClaimLostError as error:
        raise Problem(409, "claim-lost", f"{error.message}; {error.hint}") from None
    except OverError as error:
        raise Problem(409, "over", error.message, more={"status": error.recommendation.status}) from None


def _later(here: Backend | None, error: ClaimedError) -> dict[str, str]:
    """Say when to ask again: once the claim has run out, by the store's clock."""
    if here is None:
        return {}
    with here.store.read() as conn:
        left = error.claim.expires_at - clock.now(conn)
    return {"retry-after": str(max(1, ceil(left.total_seconds())))}
