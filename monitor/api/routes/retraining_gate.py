"""``/models/{model}/retraining-gate``: 200 when a model is to be trained anew, else 404, for those who wait."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from monitor.api.asking import Caller, Here, allowed
from monitor.api.problem import Problem
from monitor.api.retraining_schema import GateOpen
from monitor.service.training.gate import gate

router = APIRouter()

REASON = "x-retraining-reason"
Name = Annotated[str, Path(description="The model's name.", max_length=200)]


@router.get("/models/{model}/retraining-gate", dependencies=[allowed("read")])
def retraining_gate(here: Here, caller: Caller, model: Name, response: Response) -> GateOpen:
    """Return 200 when training is due, 404 with the reason when it is not.

    A model that is not there, or that the caller may not see, is 403: a wrong name fails at once instead of waiting for
    ever. What is stale, learning, claimed or blocked is not due.
    """
    config = here.config().model(model)
    if config is None or not caller.sees(model):
        raise Problem(403, "forbidden", f"There is no model {model!r}, or none that you may see.")
    with here.store.read() as conn:
        found = gate(conn, config, here.now())
    number = found.recommendation.id if found.recommendation else None
    if not found.due:
        more = {"model": model, "due": False, "reason": found.answer, "recommendation": number}
        raise Problem(404, found.answer, found.detail, headers={REASON: found.answer}, more=more)
    response.headers.update({REASON: found.answer, "cache-control": "private, no-cache"})
    return GateOpen(model=model, due=True, reason=found.answer, detail=found.detail, recommendation=number)
