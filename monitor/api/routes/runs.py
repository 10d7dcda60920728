"""``/runs``: the ledger of windows, and a second chance for those that were given up."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel
from sqlalchemy import Connection
from starlette.responses import Response

from monitor.api.asking import Caller, Here, Model, allowed, names, visible
from monitor.api.correlation import request_id
from monitor.api.once import Done, Once, once
from monitor.api.paging import Cursor, Limit, Page, decode, encode
from monitor.api.problem import Problem, not_found
from monitor.service.access import audit
from monitor.service.view import page_of_runs as view

router = APIRouter()

Status = Literal["due", "leased", "done", "failed", "skipped", "quarantined"]
Number = Annotated[int, Path(ge=1, le=2**63 - 1, description="The run's number.")]


class RunRecord(BaseModel):
    """One revision of one window, whatever became of it."""

    id: int
    model: str
    window_start: datetime
    window_end: datetime
    revision: int
    status: Status
    cause: str | None
    rows: int | None
    labelled: int | None
    coverage: float | None
    provisional: bool
    in_reference: bool
    attempts: int
    deaths: int
    next_attempt_at: datetime | None
    error_state: str | None
    error: str | None
    created_at: datetime
    finished_at: datetime | None


@router.get("/runs", dependencies=[allowed("read")])
def runs(
    here: Here,
    caller: Caller,
    model: Annotated[str | None, Query(max_length=200)] = None,
    status: Annotated[list[Status] | None, Query(description="Only these; all when none is named.")] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[RunRecord]:
    """List runs, those entered last first."""
    after = decode("runs", cursor, int)
    chosen = names(here, caller) if model is None else [visible(here, caller, model).name]
    with here.store.read() as conn:
        found = view.page(conn, chosen, statuses=status or (), before=after[0] if after else None, limit=limit + 1)
    items: list[Any] = [one.record() for one in found[:limit]]
    more = encode("runs", found[limit - 1].run.id) if len(found) > limit else None
    return Page(items=items, next_cursor=more)


@router.get("/runs/{number}", dependencies=[allowed("read")])
def run(here: Here, caller: Caller, number: Number) -> RunRecord:
    """Tell of one run."""
    with here.store.read() as conn:
        found = view.one(conn, number)
    if found is None or not caller.sees(found.model):
        raise not_found(f"There is no run {number}, or none that you may see.")
    return RunRecord(**found.record())


@router.post("/runs/{number}/retry", dependencies=[allowed("config:write")], response_model=RunRecord)
def retry(here: Here, caller: Caller, request: Request, once_: Once, number: Number) -> Response:
    """Make a window due again that was given up; 409 when it was not."""

    def effect(conn: Connection) -> Done:
        found = view.one(conn, number)
        if found is None or not caller.sees(found.model):
            raise not_found(f"There is no run {number}, or none that you may see.")
        if not view.lift(conn, found):
            raise Problem(
                409, "not-given-up", f"Only what was given up can be tried again; this is {found.run.status}."
            )
        audit.record(conn, caller, "run.retry", f"run {number} of {found.model}", request_id=request_id(request.scope))
        again = view.one(conn, number) or found
        return Done(again.record())

    return once(here, once_, effect)


class Backfill(BaseModel):
    """How many windows are due again."""

    failed: int
    quarantined: int
    skipped: int


@router.post("/models/{model}/retry", dependencies=[allowed("config:write")], response_model=Backfill)
def retry_all(here: Here, caller: Caller, request: Request, once_: Once, model: Model) -> Response:
    """Make all windows of a model due again that failed or were quarantined; its source is asked at once."""

    def effect(conn: Connection) -> Done:
        found = view.lift_all(conn, model.name)
        told = {"failed": found.failed, "quarantined": found.quarantined, "skipped": found.skipped}
        audit.record(conn, caller, "model.retry", f"model {model.name}", None, told, request_id(request.scope))
        return Done(told)

    return once(here, once_, effect)
