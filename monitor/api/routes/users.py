"""``/users``: the people who may log in; for administrators."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from monitor.api.asking import Caller, Here, allowed
from monitor.api.correlation import request_id
from monitor.api.paging import Cursor, Limit, Page, decode, encode
from monitor.api.problem import Problem, not_found
from monitor.domain.principal import Role
from monitor.service.access import users as service
from monitor.service.access.grant import LONGEST, MOST, PATTERN, TakenError
from monitor.service.backend import Backend

router = APIRouter()
Name = Annotated[str, Path(description="The user's name.", max_length=200)]
ModelPattern = Annotated[str, Field(max_length=LONGEST, pattern=PATTERN)]
Patterns = Field(default=None, min_length=1, max_length=MOST, description="Patterns of models' names.")


class User(BaseModel):
    """A user, without what proves him."""

    name: str
    role: str
    models: list[str]
    state: Literal["active", "invited", "disabled"]
    login: Literal["password", "oidc"]
    created_at: datetime
    seen_at: datetime | None
    disabled_at: datetime | None


class InvitedUser(User):
    """A user and the token by which he sets his password."""

    token: str = Field(description="Works once, for a day, at /login/token; it is not shown again.")


class Wanted(BaseModel):
    """A user who is to be added."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}$")
    role: Role
    models: list[ModelPattern] | None = Patterns


class Change(BaseModel):
    """What is to be changed about a user; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    role: Role | None = None
    models: list[ModelPattern] | None = Patterns
    disabled: bool | None = Field(default=None, strict=True)


@router.get("/users", dependencies=[allowed("admin")])
def users(here: Here, cursor: Cursor = None, limit: Limit = 100) -> Page[User]:
    """List the users by name, disabled ones too."""
    after = decode("users", cursor, str)
    rest = [user for user in service.listed(here.store) if after is None or user.name > after[0]]
    items = [User(**service.flat(user)) for user in rest[:limit]]
    return Page(items=items, next_cursor=encode("users", items[-1].name) if len(rest) > limit else None)


@router.post("/users", status_code=201, dependencies=[allowed("admin")])
def add(here: Here, caller: Caller, wanted: Wanted, request: Request) -> InvitedUser:
    """Add a user, who sets the password with the token."""
    number = request_id(request.scope)
    asked: dict[str, Any] = {"name": wanted.name, "role": wanted.role, "models": wanted.models}
    try:
        done = service.add(here.store, **asked, by=caller, request_id=number)
    except TakenError as taken:
        raise Problem(409, "name-taken", f"{taken.message}: {taken.hint}") from None
    return InvitedUser(**service.flat(done.user), token=done.token)


@router.patch("/users/{name}", dependencies=[allowed("admin")])
def change(here: Here, caller: Caller, name: Name, wanted: Change, request: Request) -> User:
    """Give a user another role or other models, disable him or let him in again; disabling ends his sessions."""
    _demand(here, name)
    if wanted.disabled and caller.name == f"user {name.lower()}":
        raise Problem(409, "own-account", "Nobody disables himself: another administrator does it.")
    found = service.change(
        here.store, name, by=caller, role=wanted.role, models=wanted.models, disabled=wanted.disabled,
        request_id=request_id(request.scope),
    )  # fmt: skip
    return User(**service.flat(found))


@router.post("/users/{name}/token", status_code=201, dependencies=[allowed("admin")])
def token(here: Here, caller: Caller, name: Name, request: Request) -> InvitedUser:
    """Make a new token by which a user sets a forgotten password; the one before is void."""
    _demand(here, name)
    done = service.invite(here.store, name, by=caller, request_id=request_id(request.scope))
    return InvitedUser(**service.flat(done.user), token=done.token)


def _demand(here: Backend, name: str) -> None:
    if all(user.name != name.lower() for user in service.listed(here.store)):
        raise not_found(f"There is no user {name[:80]!r}.")
