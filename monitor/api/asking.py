"""Asking: what routes need to know of who asks, and on what the answer stands.

A route takes ``here: Here`` and, of these, what it needs: ``caller: Caller``, ``model: Model``. It names the scope that
it takes in its decorator: ``dependencies=[allowed("read")]``.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Path, Request

from monitor.api.problem import Problem, not_found
from monitor.config import ModelConfig
from monitor.domain.principal import NOBODY, Principal, Scope
from monitor.service.backend import Backend

PRINCIPAL = "monitor.principal"


async def backend_of(request: Request) -> Backend:
    """Return what answers stand on."""
    found: Backend = request.app.state.backend
    return found


def caller_of(request: Request) -> Principal:
    """Return who asks, as the layer around the application has found out; nobody when there is no such layer."""
    found: Principal = request.scope.get(PRINCIPAL, NOBODY)
    return found


async def _caller(request: Request) -> Principal:
    return caller_of(request)


Here = Annotated[Backend, Depends(backend_of)]
Caller = Annotated[Principal, Depends(_caller)]


def allowed(scope: Scope) -> Any:
    """Return the dependency that lets only callers with a scope in.

    Nobody is asked to say who he is (401), anybody else is refused (403), before anything else of the request is looked
    at. The scope is written at the function, as ``scope``, where a walk over the routes can read it.
    """

    def check(request: Request) -> None:
        caller = caller_of(request)
        if caller == NOBODY:
            challenge = {"www-authenticate": 'Bearer realm="model-monitor"'}
            raise Problem(401, "unauthenticated", "Say who you are: Authorization: Bearer KEY.", headers=challenge)
        if not caller.may(scope):
            raise Problem(403, "forbidden", f"This takes the scope {scope}, which {caller.name} does not have.")

    async def checked(request: Request) -> None:  # what is not async would take a thread each
        check(request)

    checked.scope, checked.check = scope, check  # type: ignore[attr-defined]
    return Depends(checked)


def demand(request: Request) -> None:
    """Do what `allowed` does for the route of a request.

    Raises
    ------
    Problem
        401 or 403.
    """
    for asked in getattr(request.scope.get("route"), "dependencies", ()):
        if hasattr(asked.dependency, "scope"):
            asked.dependency.check(request)


def scope_of(route: object) -> str | None:
    """Return the scope that a route takes; None when it is open to all."""
    scopes = (getattr(asked.dependency, "scope", None) for asked in getattr(route, "dependencies", ()))
    return next((scope for scope in scopes if scope is not None), None)


def visible(here: Backend, caller: Principal, name: str) -> ModelConfig:
    """Return a model that is there and that the caller may see.

    Raises
    ------
    Problem
        404: there is none, or he may not; which of the two, nobody is told.
    """
    found = here.config().model(name)
    if found is None or not caller.sees(name):
        raise not_found(f"There is no model {name[:200]!r}, or none that you may see.")
    return found


def names(here: Backend, caller: Principal) -> list[str]:
    """Return the names of the models that a caller may see, in the file's order."""
    return [model.name for model in here.config().models if caller.sees(model.name)]


async def _model(
    here: Here, caller: Caller, model: Annotated[str, Path(description="The model's name.", max_length=200)]
) -> ModelConfig:
    return visible(here, caller, model)


Model = Annotated[ModelConfig, Depends(_model)]
