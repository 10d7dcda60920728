"""``/api-keys``: what programs prove themselves by; for administrators."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from monitor.api.asking import Caller, Here, allowed
from monitor.api.correlation import request_id
from monitor.api.paging import Cursor, Limit, Page, decode, encode
from monitor.api.problem import Problem, not_found
from monitor.domain.principal import Role
from monitor.errors import UsageError
from monitor.service.access import keys as service
from monitor.service.access.grant import LONGEST, MOST, PATTERN, TakenError
from monitor.store import clock
from monitor.store.keys import StoredKey

router = APIRouter()
LONGEST_LIFE = 3650
ModelPattern = Annotated[str, Field(max_length=LONGEST, pattern=PATTERN)]
Number = Annotated[str, Path(description="The key's id.", max_length=200)]


class Key(BaseModel):
    """A key, without what proves it."""

    id: str
    name: str
    role: str
    models: list[str]
    state: Literal["active", "expired", "revoked"]
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None


class MadeKey(Key):
    """A key that was just made."""

    key: str = Field(description="Keep it: it is not shown again.")


class Wanted(BaseModel):
    """A key that is asked for."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(
        max_length=200, pattern=r"[^\s\x00-\x1f\x7f]", description="What it is for, as the audit log will name it."
    )
    role: Role
    models: list[ModelPattern] = Field(
        default=["*"], min_length=1, max_length=MOST, description="Patterns of models' names."
    )
    expires_in_days: int | None = Field(
        default=None, strict=True, ge=1, le=LONGEST_LIFE, description="For how long; null for ever."
    )


@router.get("/api-keys", dependencies=[allowed("admin")])
def api_keys(here: Here, cursor: Cursor = None, limit: Limit = 100) -> Page[Key]:
    """List the keys in the order they were made, revoked ones too."""
    after = decode("api-keys", cursor, datetime, str)
    found = service.listed(here.store)
    rest = [row for row in found if after is None or (row.created_at, row.id) > after]
    with here.store.read() as conn:
        now = clock.now(conn)
    items = [Key(**service.flat(row, now)) for row in rest[:limit]]
    last = rest[limit - 1] if len(rest) > limit else None
    return Page(items=items, next_cursor=encode("api-keys", last.created_at, last.id) if last else None)


@router.post("/api-keys", status_code=201, dependencies=[allowed("admin")])
def create(here: Here, caller: Caller, wanted: Wanted, request: Request) -> MadeKey:
    """Make a key; the answer is the only place where it ever stands."""
    lasts = None if wanted.expires_in_days is None else timedelta(days=wanted.expires_in_days)
    number = request_id(request.scope)
    asked: dict[str, Any] = {"name": wanted.name, "role": wanted.role, "models": wanted.models}
    try:
        made = service.create(here.store, **asked, lasts=lasts, by=caller, request_id=number)
    except TakenError as taken:
        raise Problem(409, "name-taken", f"{taken.message}: {taken.hint}") from None
    return MadeKey(**_flat(made.row), key=made.text)


@router.delete("/api-keys/{number}", dependencies=[allowed("admin")])
def revoke(here: Here, caller: Caller, number: Number, request: Request) -> Key:
    """Let a key work no more, on every replica within 5 seconds; a second time changes nothing."""
    if all(row.id != number for row in service.listed(here.store)):
        raise not_found(f"There is no key {number[:80]!r}.")
    try:
        row = service.revoke(here.store, number, by=caller, request_id=request_id(request.scope))
    except UsageError:
        raise not_found(f"There is no key {number[:80]!r}.") from None
    return Key(**service.flat(row, row.revoked_at or row.created_at))


def _flat(row: StoredKey) -> dict[str, Any]:
    return service.flat(row, row.created_at)
