"""``/deliveries``: notices on their way to receivers, those that were given up, and sending them again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel
from sqlalchemy import Connection
from starlette.responses import Response

from monitor.api.asking import Caller, Here, allowed
from monitor.api.correlation import request_id
from monitor.api.once import Done, Once, once
from monitor.api.paging import Cursor, Limit, Page, decode, encode
from monitor.api.problem import Problem, not_found
from monitor.service.access import audit
from monitor.service.notices import deliveries as service
from monitor.service.notices.deliveries import EVERY, Delivery

router = APIRouter()

State = Literal["queued", "leased", "delivered", "cancelled", "dead"]
Number = Annotated[str, Path(description="The notice's id.", max_length=40)]
ADMIN = [allowed("admin")]


class DeliveryRecord(BaseModel):
    """One notice on its way to a receiver."""

    id: str
    incident: str | None
    receiver: str
    kind: str
    state: State
    attempts: int
    created_at: datetime
    next_at: datetime | None
    expires_at: datetime
    settled_at: datetime | None
    last_status: int | None
    error: str | None


@router.get("/deliveries", dependencies=ADMIN)
def deliveries(
    here: Here,
    receiver: Annotated[str | None, Query(max_length=200)] = None,
    state: Annotated[list[State] | None, Query(description="Only these; all when none is named.")] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[DeliveryRecord]:
    """List notices, the newest first."""
    after = decode("deliveries", cursor, str)
    with here.store.read() as conn:
        found = service.page(
            conn, states=state or EVERY, receiver=receiver, before=after[0] if after else None, limit=limit + 1
        )
    items: list[Any] = [one.record() for one in found[:limit]]
    return Page(items=items, next_cursor=encode("deliveries", found[limit - 1].id) if len(found) > limit else None)


@router.get("/deliveries/{number}", dependencies=ADMIN)
def delivery(here: Here, number: Number) -> DeliveryRecord:
    """Tell of one notice."""
    with here.store.read() as conn:
        return DeliveryRecord(**_known(conn, number).record())


@router.post("/deliveries/{number}/redeliver", dependencies=ADMIN, response_model=DeliveryRecord)
def redeliver(here: Here, caller: Caller, request: Request, once_: Once, number: Number) -> Response:
    """Send a notice again that was given up; 409 when it was not, or its receiver has heard something newer."""

    def effect(conn: Connection) -> Done:
        before = _known(conn, number)
        if before.state != "dead":
            raise Problem(409, "not-dead", f"Only what was given up can be sent again; this one is {before.state}.")
        again, _ = service.retry(conn, [number])
        if number not in again:
            raise Problem(409, "superseded", "Its receiver has been told something newer of the incident.")
        audit.record(conn, caller, "delivery.redeliver", f"delivery {number}", request_id=request_id(request.scope))
        return Done(_known(conn, number).record())

    return once(here, once_, effect)


def _known(conn: Connection, number: str) -> Delivery:
    found = service.get(conn, number)
    if found is None:
        raise not_found(f"There is no notice {number[:60]!r}.")
    return found
