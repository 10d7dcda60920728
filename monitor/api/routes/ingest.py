"""``/predictions:batch`` and ``/ground-truth:batch``: rows are pushed, and it is told what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from monitor.api.asking import Caller, Here, allowed, visible
from monitor.api.body import read_body
from monitor.api.once import Asked, Done, once_or_again
from monitor.api.problem import Problem
from monitor.config import ModelConfig
from monitor.domain.principal import Principal
from monitor.service.backend import Backend
from monitor.service.pushing.ingest import Taken, ingest
from monitor.service.pushing.intake import FORMATS, MOST_BYTES, Format, format_of
from monitor.service.pushing.log_shape import shape
from monitor.service.pushing.rows import IntakeError
from monitor.store.logs import Which

AT_ONCE = 4
router = APIRouter()
_STATUS = {"malformed": 400, "too_large": 413, "unsupported": 415, "wrong_shape": 422}
_SLUGS = {"malformed": "malformed-body", "too_large": "too-large", "unsupported": "unsupported-media-type"}
_ROW = {"id": "p-1", "time": "2026-11-20T05:00:00Z", "version": "v7", "score": 0.81, "amount": 12.5, "place": "A"}
_OUTCOME = {"id": "p-1", "time": "2026-11-21T09:30:00Z", "target": 1}

ModelName = Annotated[str, Query(alias="model", description="The model whose rows these are.", max_length=200)]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="The same key again within 24 hours gives the same answer; without one, rows there change nothing.",
    ),
]


class RowError(BaseModel):
    """Why one row was not taken, and what to do about it."""

    index: int
    field: str | None
    detail: str


class Receipt(BaseModel):
    """What became of a push: rows that are kept, those of them that were there already, and those that are not taken.

    ``errors`` names at most 5000 faults.
    """

    model_config = ConfigDict(
        json_schema_extra={"example": {"accepted": 1, "unchanged": 0, "rejected": 0, "errors": []}}
    )

    accepted: int
    unchanged: int
    rejected: int
    errors: list[RowError]


def _documented(row: dict[str, object]) -> dict[str, Any]:
    """Describe the bodies that a route reads: FastAPI does not read them itself."""
    rows = {"type": "array", "maxItems": 5000, "items": {}, "description": "Flat objects: a value for every column."}
    block = {"type": "object", "required": ["rows"], "additionalProperties": False, "properties": {"rows": rows}}
    content: dict[str, Any] = {name: {"schema": {"type": "string"}} for name in FORMATS}
    content["application/json"] = {"schema": block, "example": {"rows": [row]}}
    content["application/vnd.apache.arrow.stream"] = {"schema": {"type": "string", "format": "binary"}}
    return {"requestBody": {"required": True, "content": content}}


_RESPONSES: dict[int | str, dict[str, Any]] = {
    207: {"model": Receipt, "description": "Some rows were not taken; `errors` says which and why."},
    **{status: {"description": "Refused; nothing was taken."} for status in (400, 404, 408, 409, 413, 415, 422, 503)},
}


@router.post(
    "/predictions:batch",
    dependencies=[allowed("ingest:write")],
    response_model=Receipt,
    responses=_RESPONSES,
    openapi_extra=_documented(_ROW),
)
async def push_predictions(request: Request, here: Here, caller: Caller, model: ModelName, key: Key = None) -> Response:
    """Take predictions with their features, once each however often they come."""
    return await _take(request, here, Push(visible(here, caller, model), "predictions", caller, key))


@router.post(
    "/ground-truth:batch",
    dependencies=[allowed("ingest:write")],
    response_model=Receipt,
    responses=_RESPONSES,
    openapi_extra=_documented(_OUTCOME),
)
async def push_ground_truth(
    request: Request, here: Here, caller: Caller, model: ModelName, key: Key = None
) -> Response:
    """Take what really happened; late, before its prediction, or corrected: the latest by time counts."""
    return await _take(request, here, Push(visible(here, caller, model), "ground_truth", caller, key))


@dataclass(frozen=True)
class Push:
    """A push before its body is read."""

    model: ModelConfig
    which: Which
    caller: Principal
    key: str | None


async def _take(request: Request, here: Backend, push: Push) -> Response:
    if shape(push.model, push.which) is None:
        words = push.which.replace("_", " ")
        detail = f"The {words} of {push.model.name!r} are read from a log of their own; ingest:// is not set for them."
        raise Problem(409, "not-pushed", detail)
    try:
        kind = format_of(request.headers.get("content-type", ""))
        body = await read_body(request, MOST_BYTES[kind])
        return await to_thread.run_sync(partial(_taken, here, push, body, kind), limiter=_limiter(request))
    except IntakeError as error:
        slug = _SLUGS.get(error.state, "invalid-request")
        raise Problem(_STATUS[error.state], slug, f"{error.message}; {error.hint}") from None


def _taken(here: Backend, push: Push, body: bytes, kind: Format) -> Response:
    """Take rows and answer; under a key that was used before, as then."""
    said = f"{push.model.name}\0{push.which}\0".encode() + body if push.key is not None else b""
    asked = Asked(push.key, push.caller, blake2b(said, digest_size=16).hexdigest())

    def effect() -> Done:
        taken = ingest(here.store, push.model, push.which, body, kind, here.now())
        return Done(_receipt(taken).model_dump(), 207 if taken.rejected else 200)

    return once_or_again(here, asked, effect)


def _limiter(request: Request) -> CapacityLimiter:
    """Return what keeps a crowd of pushes from taking every thread and all memory; one to each application."""
    state = request.app.state
    if not hasattr(state, "ingest_limiter"):
        state.ingest_limiter = CapacityLimiter(AT_ONCE)
    found: CapacityLimiter = state.ingest_limiter
    return found


def _receipt(taken: Taken) -> Receipt:
    errors = [RowError(index=fault.index, field=fault.field, detail=fault.detail) for fault in taken.faults]
    return Receipt(accepted=taken.accepted, unchanged=taken.unchanged, rejected=taken.rejected, errors=errors)
