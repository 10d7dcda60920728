"""``/incidents``: what is wrong, who looks after it; acknowledging, giving back, resolving."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.responses import Response

from monitor.alerts.acknowledge import StaleVersionError
from monitor.api.asking import Caller, Here, allowed
from monitor.api.correlation import request_id
from monitor.api.matching import IfMatch, demanded, etag
from monitor.api.once import Done, Once, once
from monitor.api.paging import Cursor, Limit, Page, decode, encode
from monitor.api.problem import Problem, not_found
from monitor.api.text import Json
from monitor.domain.principal import Principal
from monitor.service import asked
from monitor.service.access import audit
from monitor.service.access.actor import written
from monitor.service.backend import Backend
from monitor.service.oncall import incidents as service
from monitor.service.oncall.incidents import Acted
from monitor.service.oncall.story import story
from monitor.service.view import page_of_incidents as view
from monitor.store import incidents as stored

router = APIRouter()

State = Literal["open", "acknowledged", "resolved", "unresolved", "all"]
Number = Annotated[str, Path(description="The incident's id.", max_length=40, examples=["inc_0f3a"])]
Note = Annotated[str | None, Field(max_length=2000, description="A word for the timeline.")]
WRITER = [allowed("incidents:write")]
REFUSED: dict[int | str, dict[str, Any]] = {
    404: {"description": "There is none, or none that you may see."},
    409: {"description": "It is resolved, or the same request is being worked on."},
    412: {"description": "It is at another version by now."},
    428: {"description": "If-Match is missing."},
}


class IncidentRecord(BaseModel):
    """Everything that is wrong with one model at one time."""

    id: str
    model: str
    state: Literal["open", "acknowledged", "resolved"]
    severity: Literal["info", "warning", "critical"]
    version: int
    opened_at: datetime
    resolved_at: datetime | None
    columns: list[str]
    kinds: list[str]
    reason: str | None
    started_at: datetime
    reopen_count: int
    silenced: bool
    acknowledged_by: str | None
    acknowledged_until: datetime | None


class WholeIncident(IncidentRecord):
    """An incident with its members, its timeline, who was told, and what hushes it."""

    dedup_key: str
    cause: str
    runbook: str | None
    link: str | None
    members: list[dict[str, Any]]
    timeline: list[dict[str, Any]]
    notices: list[dict[str, Any]]
    silences: list[str]


class AckBody(BaseModel):
    """For how long somebody looks after it, at most 7 days; 24 hours when nothing is said."""

    model_config = ConfigDict(extra="forbid")

    note: Note = None
    for_: Annotated[str | None, Field(alias="for", max_length=40, examples=["4h"])] = None


class NoteBody(BaseModel):
    """A word for the timeline."""

    model_config = ConfigDict(extra="forbid")

    note: Note = None


@router.get("/incidents", dependencies=[allowed("read")])
def incidents(
    here: Here,
    caller: Caller,
    model: Annotated[str | None, Query(max_length=200)] = None,
    state: Annotated[State, Query(description="`unresolved` are open and acknowledged ones.")] = "unresolved",
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[IncidentRecord]:
    """List incidents, the newest first."""
    after = decode("incidents", cursor, datetime, str)
    found = view.page(here.config(), here.store, sees=_sees(caller, model), state=state, after=after, limit=limit + 1)
    items: list[Any] = [one.record() for one in found[:limit]]
    last = found[limit - 1] if len(found) > limit else None
    more = encode("incidents", last.incident.opened_at, last.id) if last else None
    return Page(items=items, next_cursor=more)


@router.get(
    "/incidents/{number}", dependencies=[allowed("read")], response_model=WholeIncident, responses={404: REFUSED[404]}
)
def incident(here: Here, caller: Caller, number: Number) -> Response:
    """Tell all that is known of one incident; its ETag is what actions on it take as If-Match."""
    with here.store.read() as conn:
        _seen(conn, caller, number)
    found = story(here.config(), here.store, number)
    return Json(
        found.record(), headers={"etag": etag(found.seen.incident.version), "cache-control": "private, no-cache"}
    )


@router.post("/incidents/{number}/ack", dependencies=WRITER, response_model=IncidentRecord, responses=REFUSED)
def ack(
    here: Here,
    caller: Caller,
    request: Request,
    once_: Once,
    number: Number,
    if_match: IfMatch = None,
    body: Annotated[AckBody | None, Body()] = None,
) -> Response:
    """Take an incident on: nobody is told again until the time is over."""
    said = body or AckBody()
    length, note = asked.length(said.for_, "for"), _note(said.note)

    def act(conn: Connection) -> Acted:
        return service.acknowledge(here.config(), conn, number, actor=caller.name, note=note, length=length)

    return _done(here, caller, request, once_, number, if_match, act, "incident.ack", open_=True)


@router.post("/incidents/{number}/unack", dependencies=WRITER, response_model=IncidentRecord, responses=REFUSED)
def unack(
    here: Here, caller: Caller, request: Request, once_: Once, number: Number, if_match: IfMatch = None
) -> Response:
    """Give an incident back: repeats and escalation begin anew."""

    def act(conn: Connection) -> Acted:
        return service.unacknowledge(here.config(), conn, number, actor=caller.name)

    return _done(here, caller, request, once_, number, if_match, act, "incident.unack")


@router.post("/incidents/{number}/resolve", dependencies=WRITER, response_model=IncidentRecord, responses=REFUSED)
def resolve(
    here: Here,
    caller: Caller,
    request: Request,
    once_: Once,
    number: Number,
    if_match: IfMatch = None,
    body: Annotated[NoteBody | None, Body()] = None,
) -> Response:
    """Close an incident by hand; the next window that breaches opens the same one again."""
    note = _note(body.note if body else None)

    def act(conn: Connection) -> Acted:
        return service.resolve(here.config(), conn, number, actor=caller.name, note=note)

    return _done(here, caller, request, once_, number, if_match, act, "incident.resolve")


def _done(
    here: Backend,
    caller: Principal,
    request: Request,
    once_: Once,
    number: str,
    if_match: str | None,
    act: Callable[[Connection], Acted],
    action: str,
    *,
    open_: bool = False,
) -> Response:
    def effect(conn: Connection) -> Done:
        before = _seen(conn, caller, number, lock=True)
        demanded(if_match, before.version)
        if open_ and not before.open:
            raise Problem(409, "resolved", "The incident is resolved: only an open one can be acknowledged.")
        try:
            found = act(conn).seen
        except StaleVersionError as error:
            raise Problem(412, "stale-version", error.message) from None
        told = {"state": before.state, "version": before.version}
        after = {"state": found.incident.state, "version": found.incident.version}
        audit.record(conn, caller, action, f"incident {number}", told, after, request_id(request.scope))
        return Done(found.record(), headers={"etag": etag(found.incident.version)})

    return once(here, once_, effect)


def _seen(conn: Connection, caller: Principal, number: str, *, lock: bool = False) -> Any:
    """Return the incident with exactly this number, if the caller may see its model."""
    found = stored.get(conn, number, lock=lock)
    if found is None or not caller.sees(found.incident.model):
        raise not_found(f"There is no incident {number[:60]!r}, or none that you may see.")
    return found.incident


def _sees(caller: Principal, model: str | None) -> Callable[[str], bool]:
    return lambda name: caller.sees(name) and model in (None, name)


def _note(text: str | None) -> str | None:
    return None if text is None or not text.strip() else written(text, "note")
