"""Refusals: what each error that leaves a route becomes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError, ResponseValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from monitor.api import routes
from monitor.api.asking import demand
from monitor.api.correlation import request_id
from monitor.api.problem import Problem
from monitor.errors import ConfigError, MonitorError, StoreError, UnappliedError, UsageError
from monitor.telemetry import logger

SLUGS = {404: "not-found", 405: "method-not-allowed", 413: "too-large", 415: "unsupported-media-type"}
DETAILS = {404: "There is nothing at this address.", 405: "This address does not take this method."}
MOST_ERRORS = 50


def install(app: FastAPI) -> None:
    """Make every error of an application a problem: none is a traceback, none is HTML."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(MonitorError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(ResponseValidationError, _unexpected)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _bug)


def of(error: Exception) -> Problem:
    """Return the problem that an error is told as.

    Examples
    --------
    >>> of(UsageError("--for: '3 parsecs' is no length", "write 2h")).status
    400
    """
    if isinstance(error, Problem):
        return error
    if isinstance(error, StoreError):
        return Problem(503, "store-unavailable", "The store does not answer.", headers={"retry-after": "5"})
    if isinstance(error, UnappliedError):
        told = f"{error.message}: send it again when the configuration is applied."
        return Problem(503, "not-applied", told, headers={"retry-after": "5"})
    if isinstance(error, ConfigError):
        faults = [{"pointer": f.field, "line": f.line, "detail": f.problem, "hint": f.hint} for f in error.faults]
        return Problem(422, "invalid-configuration", "The configuration is wrong.", errors=faults)
    if isinstance(error, MonitorError):
        slug = "bad-request" if isinstance(error, UsageError) else "refused"
        return Problem(400, slug, error.message, more={"hint": error.hint} if error.hint else {})
    return Problem(500, "internal-error", "This is a fault of the service; its log says more under the request's id.")


def invalid(errors: Sequence[Any]) -> Problem:
    """Return the problem of a request whose parts are not what they should be, what was sent not repeated."""
    return Problem(422, "invalid-request", "The request is not as it should be.", errors=list(_faults(errors)))


def _faults(errors: Sequence[Any]) -> Iterator[dict[str, object]]:
    for error in errors[:MOST_ERRORS]:
        place = [str(part).replace("~", "~0").replace("/", "~1")[:200] for part in error.get("loc", ())]
        yield {"pointer": "#/" + "/".join(place), "detail": str(error.get("msg", ""))[:500]}


def _answer(request: Request, problem: Problem) -> Response:
    return problem.response(request.url.path, request_id(request.scope))


async def _problem(request: Request, error: Exception) -> Response:
    return _answer(request, of(error))


async def _ours(request: Request, error: Exception) -> Response:
    if isinstance(error, StoreError):
        logger().warning("the store does not answer", error=str(error), request_id=request_id(request.scope))
    return _answer(request, of(error))


async def _invalid(request: Request, error: Exception) -> Response:
    """Tell what is wrong with a request, but not to those who may not make it: a body is read before anything else."""
    try:
        demand(request)
    except Problem as refused:
        return _answer(request, refused)
    return _answer(request, invalid(error.errors() if isinstance(error, RequestValidationError) else ()))


async def _gone(request: Request, _error: Exception) -> Response:
    """Take half a body for none: nobody is there to read the answer, and the log need not tell."""
    return _answer(request, Problem(400, "bad-request", "The body ended before it was complete."))


async def _unexpected(request: Request, error: Exception) -> Response:
    logger().error("an answer is not as documented", error=str(error)[:500], request_id=request_id(request.scope))
    return _answer(request, of(error))


async def _bug(request: Request, error: Exception) -> Response:
    return _answer(request, of(error))  # `correlated` logs it


async def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):  # Starlette hands over what was asked for
        return _answer(request, of(error))
    status = error.status_code
    detail = DETAILS.get(status, str(error.detail))
    headers = {"allow": ", ".join(taken(request.url.path))} if status == 405 else error.headers
    return _answer(request, Problem(status, SLUGS.get(status, "refused"), detail, headers=headers))


def taken(path: str) -> list[str]:
    """Return the methods that an address takes, of all routes that it fits."""
    found: set[str] = set()
    for _, prefix, router in routes.every():
        for route in router.routes:
            if isinstance(route, APIRoute) and route.path_regex.fullmatch(path.removeprefix(prefix)):
                found |= route.methods or set()
    return sorted(found | ({"HEAD"} if "GET" in found else set()))
