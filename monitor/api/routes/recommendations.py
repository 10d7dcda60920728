"""``/retraining-recommendations``: what is to be trained anew, and what people decide about it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Request, Response

from monitor.alerts.recommendation import Status
from monitor.api.asking import Caller, Here, Model, allowed
from monitor.api.once import Done, Once, once_or_again
from monitor.api.paging import Cursor, Limit, Page, decode, encode
from monitor.api.retraining_refusal import by, refusing, seen
from monitor.api.retraining_schema import NoteBody, Recommendation, Told
from monitor.service.backend import Backend
from monitor.service.training import retraining
from monitor.service.training.record import history, record
from monitor.store import models, recommendations

router = APIRouter()

LIST = "recommendations"

Number = Annotated[
    str, Path(description="The recommendation's id.", pattern="^[0-9A-Za-z_]{1,40}$", examples=["rec_01K5"])
]
Statuses = Annotated[
    list[Status] | None, Query(alias="status", description="Only of these; may be given several times.")
]
Note = Annotated[NoteBody | None, Body()]
DECIDER = [allowed("incidents:write")]
OVER: dict[int | str, dict[str, Any]] = {409: {"description": "It is over: nothing can be decided any more."}}


@router.get("/retraining-recommendations", dependencies=[allowed("read")])
def listed(
    here: Here, caller: Caller, status: Statuses = None, cursor: Cursor = None, limit: Limit = 100
) -> Page[Recommendation]:
    """Return recommendations of all models that the caller may see, the newest first."""
    with here.store.read() as conn:
        numbers = [one.id for one in models.every(conn, retired=True) if caller.sees(one.name)]
    return _page(here, numbers, status or (), cursor, limit)


@router.get("/models/{model}/retraining-recommendations", dependencies=[allowed("read")])
def of_model(
    here: Here, model: Model, status: Statuses = None, cursor: Cursor = None, limit: Limit = 100
) -> Page[Recommendation]:
    """Return a model's recommendations, the newest first."""
    with here.store.read() as conn:
        stored = models.find(conn, model.name)
    return _page(here, [] if stored is None else [stored.id], status or (), cursor, limit)


@router.get("/retraining-recommendations/{number}", dependencies=[allowed("read")])
def one(here: Here, caller: Caller, number: Number) -> Told:
    """Return a recommendation: why, from which rows, what stands in its way, who is at it, and its history."""
    found = seen(here, caller, number)
    with here.store.read() as conn:
        events = recommendations.events(conn, found.id)
    return Told(**(record(found.recommendation) | {"history": history(events)}))


@router.post(
    "/retraining-recommendations/{number}/approve", dependencies=DECIDER, response_model=Recommendation, responses=OVER
)
def approve(here: Here, caller: Caller, number: Number, request: Request, once: Once, body: Note = None) -> Response:
    """Let a recommendation be claimed in spite of what blocks it now."""

    def effect() -> Done:
        found, note = seen(here, caller, number), body.note if body else None
        with refusing():
            done = retraining.approve(here.store, found.id, by=by(caller, request), note=note)
        return Done(record(done.recommendation))

    return once_or_again(here, once, effect)


@router.post(
    "/retraining-recommendations/{number}/decline", dependencies=DECIDER, response_model=Recommendation, responses=OVER
)
def decline(here: Here, caller: Caller, number: Number, request: Request, once: Once, body: Note = None) -> Response:
    """Refuse a recommendation: whoever has claimed it loses it, and none follows before the cool-down is over."""

    def effect() -> Done:
        found, note = seen(here, caller, number), body.note if body else None
        with refusing():
            done = retraining.decline(here.config(), here.store, found.id, by=by(caller, request), note=note)
        return Done(record(done.recommendation))

    return once_or_again(here, once, effect)


def _page(
    here: Backend, numbers: Collection[int], statuses: Collection[str], cursor: str | None, limit: int
) -> Page[Recommendation]:
    at = decode(LIST, cursor, datetime, str)
    before = None if at is None else (at[0], at[1])
    with here.store.read() as conn:
        found = recommendations.page(conn, model_ids=numbers, statuses=statuses, before=before, limit=limit + 1)
    items = [one.recommendation for one in found[:limit]]
    more = encode(LIST, items[-1].opened_at, items[-1].id) if len(found) > limit else None
    return Page(items=[Recommendation(**record(one)) for one in items], next_cursor=more)
