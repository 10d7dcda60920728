"""``claim`` and ``/retraining-claims``: who trains, that he still does, how it went; each report bears the fence."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from monitor.api.asking import Caller, Here, allowed
from monitor.api.once import Done, Once, once_or_again
from monitor.api.retraining_refusal import by, claimed, refusing, seen
from monitor.api.retraining_schema import ClaimBody, CompleteBody, FenceBody, Ticket
from monitor.api.routes.recommendations import Number
from monitor.service.training import retraining
from monitor.service.training.record import ticket

router = APIRouter()

ClaimId = Annotated[str, Path(description="The claim's id.", pattern="^[0-9A-Za-z_]{1,40}$", examples=["clm_01K5"])]
TRAINER = [allowed("retrain:claim")]
LOST: dict[int | str, dict[str, Any]] = {409: {"description": "The claim is lost: do not deploy."}}


@router.post(
    "/retraining-recommendations/{number}/claim",
    status_code=201,
    dependencies=TRAINER,
    response_model=Ticket,
    responses={
        200: {"model": Ticket, "description": "This run has claimed it already."},
        409: {"description": "Another run has claimed it, or it is not to be claimed."},
    },
)
def claim(here: Here, caller: Caller, number: Number, body: ClaimBody, request: Request, once: Once) -> Response:
    """Claim a recommendation for a run: 201 for the first, 200 with the same claim for that run again, else 409."""

    def effect() -> Done:
        found = seen(here, caller, number)
        time = timedelta(seconds=body.ttl_s)
        with refusing(here):
            done = retraining.claim(
                here.store, found.id, claimant=body.claimant, run_id=body.run_id, ttl=time, by=by(caller, request)
            )
        return Done(ticket(done.recommendation), 201 if done.changed else 200)

    return once_or_again(here, once, effect)


@router.put("/retraining-claims/{claim_id}/heartbeat", dependencies=TRAINER, responses=LOST)
def heartbeat(here: Here, caller: Caller, claim_id: ClaimId, body: FenceBody) -> Ticket:
    """Have a claim last as long again from now; 409 ``claim-lost`` when it is over: then stop training."""
    claimed(here, caller, claim_id)
    with refusing():
        done = retraining.heartbeat(here.store, claim_id, body.fence)
    return Ticket(**ticket(done.recommendation))


@router.post("/retraining-claims/{claim_id}/complete", dependencies=TRAINER, response_model=Ticket, responses=LOST)
def complete(
    here: Here, caller: Caller, claim_id: ClaimId, body: CompleteBody, request: Request, once: Once
) -> Response:
    """Report how training went; 409 ``claim-lost`` when the claim is over: then do not deploy."""

    def effect() -> Done:
        claimed(here, caller, claim_id)
        with refusing():
            done = retraining.complete(
                here.config(), here.store, claim_id, body.fence, body.outcome,
                model_version=body.model_version, by=by(caller, request),
            )  # fmt: skip
        return Done(ticket(done.recommendation))

    return once_or_again(here, once, effect)


@router.post("/retraining-claims/{claim_id}/release", dependencies=TRAINER, response_model=Ticket, responses=LOST)
def release(here: Here, caller: Caller, claim_id: ClaimId, body: FenceBody, request: Request, once: Once) -> Response:
    """Give a claim back, so that another may train; that counts as no failed attempt."""

    def effect() -> Done:
        claimed(here, caller, claim_id)
        with refusing():
            done = retraining.release(here.store, claim_id, body.fence, by=by(caller, request))
        return Done(ticket(done.recommendation))

    return once_or_again(here, once, effect)
