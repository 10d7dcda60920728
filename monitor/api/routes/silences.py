"""``/silences``: what nobody wants to hear of for a while, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.responses import Response

from monitor.alerts.silence import Silence
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
from monitor.service.oncall import silencing
from monitor.service.oncall.silencing import Standing

router = APIRouter()

Number = Annotated[str, Path(description="The silence's id.", max_length=40, examples=["sil_0f3a"])]
WRITER = [allowed("incidents:write")]


class SilenceRecord(BaseModel):
    """A silence, the open incidents with a member that it covers, and when it was just made what is odd about it."""

    id: str
    state: Literal["active", "pending", "over"]
    matchers: list[str]
    starts_at: datetime
    ends_at: datetime
    created_at: datetime
    author: str
    reason: str
    incidents: list[str]
    warnings: list[str]


class SilenceBody(BaseModel):
    """What to be silent about: instances that fit all matchers, from ``starts_at`` (now) on, for so long."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"matchers": ["model=fraud"], "for": "2h", "reason": "migration of the log"}},
    )

    matchers: Annotated[list[Annotated[str, Field(max_length=500)]], Field(min_length=1, max_length=20)]
    for_: Annotated[str, Field(alias="for", max_length=40)]
    reason: Annotated[str, Field(min_length=1, max_length=2000)]
    starts_at: AwareDatetime | None = None


class ReasonBody(BaseModel):
    """What changes about a silence: how long it lasts from now on, and why."""

    model_config = ConfigDict(extra="forbid")

    for_: Annotated[str, Field(alias="for", max_length=40)]
    reason: Annotated[str | None, Field(min_length=1, max_length=2000)] = None


@router.get("/silences", dependencies=[allowed("read")])
def silences(
    here: Here,
    caller: Caller,
    over: Annotated[bool, Query(description="Whether those that are over come too.")] = False,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[SilenceRecord]:
    """List silences, the newest first."""
    after = decode("silences", cursor, str, str)
    every = silencing.listed(here.config(), here.store, over=over)
    records = sorted(
        (one.record() for one in every if sees(caller, one.silence)),
        key=lambda r: (r["created_at"], r["id"]),
        reverse=True,
    )
    chosen = [one for one in records if after is None or (one["created_at"], one["id"]) < after]
    items: list[Any] = chosen[:limit]
    more = encode("silences", items[-1]["created_at"], items[-1]["id"]) if len(chosen) > limit else None
    return Page(items=items, next_cursor=more)


@router.get("/silences/{number}", dependencies=[allowed("read")], response_model=SilenceRecord)
def silence(here: Here, caller: Caller, number: Number) -> Response:
    """Tell of one silence; its ETag is what ending and changing it take as If-Match."""
    with here.store.read() as conn:
        known = _known(conn, caller, number)
    found = next(
        (one for one in silencing.listed(here.config(), here.store, over=True) if one.silence.id == known.id), None
    )
    if found is None:
        raise not_found()
    return Json(found.record(), headers={"etag": etag(_version(known))})


@router.post(
    "/silences",
    status_code=201,
    dependencies=WRITER,
    response_model=SilenceRecord,
    responses={200: {"model": SilenceRecord, "description": "It was there already."}},
)
def add(here: Here, caller: Caller, request: Request, once_: Once, body: SilenceBody) -> Response:
    """Make a silence; the same one again, by the same caller and within a minute, is the one that is there."""
    length = asked.length(body.for_, "for")
    chosen = silencing.parsed(body.matchers)
    if "*" not in caller.models and not any(
        (one.word, one.operator) == ("model", "=") and caller.sees(one.value) for one in chosen
    ):
        raise Problem(403, "forbidden", "Name the model that you may see: a matcher model=NAME.")

    def effect(conn: Connection) -> Done:
        made = silencing.add(
            here.config(), conn, body.matchers, length=length, actor=caller.name, reason=body.reason,  # type: ignore[arg-type]
            starts_at=body.starts_at,
        )  # fmt: skip
        if made.changed:
            told = made.record()
            audit.record(
                conn, caller, "silence.add", f"silence {made.silence.id}", None, told, request_id(request.scope)
            )
        return _done(made, 201 if made.changed else 200)

    return once(here, once_, effect)


@router.put("/silences/{number}", dependencies=WRITER, response_model=SilenceRecord)
def change(
    here: Here,
    caller: Caller,
    request: Request,
    once_: Once,
    number: Number,
    body: ReasonBody,
    if_match: IfMatch = None,
) -> Response:
    """Let a silence last otherwise: it ends and another one, with an id of its own, goes on from now."""
    length = asked.length(body.for_, "for")

    def effect(conn: Connection) -> Done:
        known = _known(conn, caller, number)
        demanded(if_match, _version(known))
        words = [str(matcher) for matcher in known.matchers]
        silencing.end(here.config(), conn, number)
        made = silencing.add(
            here.config(), conn, words, length=length, actor=caller.name, reason=body.reason or known.reason,  # type: ignore[arg-type]
        )  # fmt: skip
        before, after = {"silence": number}, made.record()
        audit.record(conn, caller, "silence.change", f"silence {number}", before, after, request_id(request.scope))
        return _done(made)

    return once(here, once_, effect)


@router.delete("/silences/{number}", dependencies=WRITER, response_model=SilenceRecord)
def end(
    here: Here, caller: Caller, request: Request, once_: Once, number: Number, if_match: IfMatch = None
) -> Response:
    """End a silence now, or keep one from beginning; one that is over stays as it was."""

    def effect(conn: Connection) -> Done:
        known = _known(conn, caller, number)
        demanded(if_match, _version(known))
        ended = silencing.end(here.config(), conn, number)
        if ended.changed:
            audit.record(
                conn, caller, "silence.end", f"silence {number}", None, ended.record(), request_id(request.scope)
            )
        return _done(ended)

    return once(here, once_, effect)


def sees(caller: Principal, found: Silence) -> bool:
    """Tell whether a caller may see a silence: it names a model that he may see, or he may see all."""
    named = [one.value for one in found.matchers if (one.word, one.operator) == ("model", "=")]
    return "*" in caller.models or any(map(caller.sees, named))


def _known(conn: Connection, caller: Principal, number: str) -> Silence:
    found = silencing.get(conn, number)
    if found is None or not sees(caller, found):
        raise not_found(f"There is no silence {number[:60]!r}, or none that you may see.")
    return found


def _done(found: Standing, status: int = 200) -> Done:
    return Done(found.record(), status, {"etag": etag(_version(found.silence))})


def _version(found: Silence) -> int:
    """Return a number that changes when a silence ends: nothing else about it ever does."""
    return int(found.ends_at.timestamp()) % 1_000_000_000
