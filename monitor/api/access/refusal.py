"""Refusals before the application is asked: a problem for programs, the login for people, a code for websockets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.responses import RedirectResponse
from starlette.types import Receive, Scope, Send

from monitor.api.access.request import header
from monitor.api.correlation import request_id
from monitor.api.problem import Problem

Answer = Callable[[Scope, Receive, Send], Awaitable[None]]
LOGIN = "/login"
CHALLENGE = {"www-authenticate": 'Bearer realm="model-monitor"'}
MACHINES = ("/api/", "/metrics", "/openapi.json")
UNAUTHENTICATED, FORBIDDEN = 4401, 4403

WHO = Problem(401, "unauthenticated", "Say who you are: Authorization: Bearer KEY.", headers=CHALLENGE)
WRONG = Problem(
    401, "unauthenticated", "This key or session is nobody's: unknown, expired or revoked.", headers=CHALLENGE
)
MISNAMED = Problem(
    421, "unknown-host", "The service is not called by this name; its operator names it under access: hosts."
)
FOREIGN = Problem(403, "cross-site", "A page of another site asks, or the request does not say that it is ours.")
UNSUITED = Problem(403, "forbidden", "This takes the scope read.")
NOT_SET_UP = Problem(
    403, "not-set-up", "There is no key and no user yet, so only this very machine is answered: monitor keys create."
)


def refused(scope: Scope, problem: Problem) -> Answer:
    """Return the answer to a request that goes no further."""
    if scope["type"] == "websocket":
        return _closing(UNAUTHENTICATED if problem.status == 401 else FORBIDDEN)
    return problem.response(scope["path"], request_id(scope))


def unauthenticated(scope: Scope, *, carried: bool) -> Answer:
    """Return the answer to somebody who does not say who he is: people are led to the login."""
    if not is_page(scope):
        return refused(scope, WRONG if carried else WHO)
    query = scope.get("query_string", b"").decode("latin-1")
    path = scope.get("raw_path") or quote(scope["path"]).encode()  # as it was asked: %2F is no slash, %3F no query
    wanted = path.decode("latin-1") + (f"?{query}" if query else "")
    suffix = "" if wanted == "/" else f"?next={quote(wanted, safe='')}"
    return RedirectResponse(LOGIN + suffix, 303)


def is_page(scope: Scope) -> bool:
    """Return whether a person is going to look at the answer, rather than a program or a part of a page."""
    path = scope["path"]
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
        return False
    if path.startswith(MACHINES) or "/_" in path or "/assets/" in path:
        return False
    wanted = header(scope, "sec-fetch-dest")
    if wanted is not None:
        return wanted == "document"
    return path == "/" or path.startswith("/dash") or "text/html" in (header(scope, "accept") or "")


def _closing(code: int) -> Answer:
    async def close(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.close", "code": code})

    return close
