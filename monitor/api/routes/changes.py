"""``/changes``: what happened, in the order of commits; whoever has nothing to read may wait for news."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from monitor.api.asking import Caller, Here, allowed
from monitor.api.paging import Limit, decode, encode
from monitor.api.problem import Problem
from monitor.domain.principal import Principal
from monitor.service.backend import Backend
from monitor.service.view.change import Told, changes_since, newest

router = APIRouter()

LOOK = 0.5  # seconds between two looks while waiting
MOST_WAITING = 5  # of one caller

Wait = Annotated[float, Query(ge=0, le=60, description="Seconds to wait for news when there is none yet.")]
After = Annotated[
    str | None, Query(max_length=500, description="From the last answer; `now`; from the beginning when absent.")
]
Types = Annotated[
    str | None,
    Query(max_length=500, description="Only these kinds, commas between: window, revision, reference, …"),
]


class ChangeRecord(BaseModel):
    """One thing that happened to a model; ``subject`` is the recommendation that it is about, if it is about one."""

    seq: int
    model: str
    type: str
    window_start: datetime | None
    window_end: datetime | None
    revision: int | None
    subject: str | None
    at: datetime


class Feed(BaseModel):
    """What happened after a cursor, and the cursor to go on with."""

    items: list[ChangeRecord]
    cursor: str


@router.get(
    "/changes",
    dependencies=[allowed("read")],
    responses={
        410: {"description": "What follows the cursor was removed for its age: read all anew, from `oldest` on."}
    },
)
async def changes(
    request: Request,
    here: Here,
    caller: Caller,
    cursor: After = None,
    wait: Wait = 0,
    types: Types = None,
    limit: Limit = 100,
) -> Feed:
    """Tell what happened after a cursor, in the order of commits and nothing twice.

    Without news the answer comes after ``wait`` seconds, empty, with a cursor all the same. So it does when much has
    happened that the caller may not see or did not ask for: the cursor goes on behind it.
    """
    kinds = None if types is None else frozenset(part.strip() for part in types.split(",") if part.strip())
    begin = await _begin(here, request, cursor)
    with _queue(request, caller, wait):
        request.scope["monitor.waits"] = True
        deadline = time.monotonic() + wait
        while True:
            last = await _thread(request, newest, here.store)
            if last > begin:
                told = await _thread(request, _look, here, caller, begin, kinds, limit)
                begin = told.upto
                if told.items:
                    break
                if told.more and time.monotonic() < deadline:
                    continue  # what is not his is gone through before he waits
            left = deadline - time.monotonic()
            if left <= 0 or request.app.state.stopping() or await request.is_disconnected():
                told = Told((), begin)
                break
            await asyncio.sleep(min(LOOK, left))
    items: list[Any] = [one.record() for one in told.items]
    return Feed(items=items, cursor=encode("changes", told.upto))


async def _begin(here: Backend, request: Request, cursor: str | None) -> int:
    if cursor == "now":
        return int(await _thread(request, newest, here.store))
    found = decode("changes", cursor, int)
    return 0 if found is None else max(0, int(found[0]))


def _look(here: Backend, caller: Principal, after: int, kinds: frozenset[str] | None, limit: int) -> Told:
    found = changes_since(here.store, after, sees=caller.sees, kinds=kinds, limit=limit)
    if found is None:
        oldest = encode("changes", 0)
        raise Problem(
            410, "cursor-expired", "What follows this cursor was removed for its age.", more={"oldest": oldest}
        )
    return found


async def _thread(request: Request, work: Any, *arguments: Any) -> Any:
    """Ask the store in a thread of the feed's own: those who wait take none away from those who do not."""
    return await to_thread.run_sync(work, *arguments, limiter=request.app.state.feed)


@contextmanager
def _queue(request: Request, caller: Principal, wait: float) -> Iterator[None]:
    """Let so many of one caller wait at a time, and no more."""
    waiting: Counter[str] = request.app.state.waiting
    if wait and waiting[caller.name] >= MOST_WAITING:
        told = f"{MOST_WAITING} requests of {caller.name} wait already."
        raise Problem(429, "too-many-waiting", told, headers={"retry-after": "5"})
    waiting[caller.name] += bool(wait)
    try:
        yield
    finally:
        waiting[caller.name] -= bool(wait)
        if not waiting[caller.name]:
            del waiting[caller.name]
