"""Limits: what is too large, too deep or too much is refused before anything of it is understood."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.api.correlation import request_id
from monitor.api.problem import Problem

MOST_HEADERS = 16_384
MOST_TARGET = 60_000
MOST_BODY = 5_000_000
MOST_DEPTH = 32
DASHBOARD = "/dash/"
SECONDS = 30.0  # that a body may take to come
PUSHES = frozenset({"/api/v1/predictions:batch", "/api/v1/ground-truth:batch"})  # these have limits of their own
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


def limited(app: ASGIApp) -> ASGIApp:
    """Return an application that gets no larger headers, addresses and bodies, and no deeper JSON, than it should."""

    async def bounded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        refused = _refused(scope)
        if refused is None and _is_read_here(scope):
            try:
                async with asyncio.timeout(SECONDS):
                    body = await _read(receive)
            except TimeoutError:
                refused = Problem(408, "timeout", f"The body did not come within {SECONDS:.0f} seconds.")
            except Problem as problem:
                refused = problem
            else:
                receive = _again(body, receive)
        elif refused is None and scope["path"] not in PUSHES:
            receive = _counted(receive)
        if refused is not None:
            await refused.response(scope["path"], request_id(scope))(scope, receive, send)
            return
        await app(scope, receive, send)

    return bounded


def depth(body: bytes, most: int = MOST_DEPTH) -> int:
    """Return how deep the brackets of a JSON text nest; one more than ``most`` as soon as it is deeper.

    Examples
    --------
    >>> depth(b'{"a": [1, "]["]}'), depth(b"[" * 1_000_000)
    (2, 33)
    """
    now = deepest = 0
    for bracket in _BRACKET.finditer(_STRING.sub(b"", body)):
        if bracket[0] in b"[{":
            now += 1
            deepest = max(deepest, now)
            if deepest > most:
                break
        else:
            now -= 1
    return deepest


def _refused(scope: Scope) -> Problem | None:
    headers = scope["headers"]
    if sum(len(name) + len(value) for name, value in headers) > MOST_HEADERS:
        return Problem(431, "headers-too-large", f"The headers are larger than {MOST_HEADERS} bytes.")
    query: bytes = scope.get("query_string", b"")
    if len(scope.get("raw_path") or b"") + len(query) > MOST_TARGET:
        return Problem(414, "address-too-long", f"The address is longer than {MOST_TARGET} bytes.")
    if not query.isascii():
        return Problem(400, "bad-request", "The query is to be percent-encoded.")
    said = next((value for name, value in headers if name == b"content-length"), b"0")
    if scope["path"] not in PUSHES and said.isdigit() and int(said[:20]) > MOST_BODY:
        return _too_large()
    return None


def _is_read_here(scope: Scope) -> bool:
    """Tell whether a body is to be complete first: JSON, and what the few threads of the dashboard would wait for."""
    path: str = scope["path"]
    if path in PUSHES or scope["method"] in ("GET", "HEAD"):
        return False
    kind: bytes = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    return b"json" in kind.lower() or path.startswith(DASHBOARD)


def _too_large() -> Problem:
    told = f"The body is larger than {MOST_BODY // 1_000_000} MB."
    return Problem(413, "too-large", told, headers={"connection": "close"})


async def _read(receive: Receive) -> bytes:
    """Return the whole body.

    Raises
    ------
    Problem
        It is too long or too deep, or whoever sends it went away before its end: half a wish is none.
    """
    parts, length = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Problem(400, "bad-request", "The body ended before it was complete.")
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if length > MOST_BODY:
            raise _too_large()
        if not message.get("more_body"):
            break
    body = b"".join(parts)
    if depth(body) > MOST_DEPTH:
        raise Problem(422, "too-deep", f"The body nests deeper than {MOST_DEPTH} levels.")
    return body


def _again(body: bytes, receive: Receive) -> Receive:
    """Return what hands out a body that was read already, then goes on as before."""
    told = False

    async def replay() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _counted(receive: Receive) -> Callable[[], Awaitable[Message]]:
    """Return what hands on a body up to its limit."""
    length = 0

    async def counted() -> Message:
        nonlocal length
        message = await receive()
        length += len(message.get("body") or b"")
        if length > MOST_BODY:
            raise HTTPException(413, f"The body is larger than {MOST_BODY // 1_000_000} MB.")
        return message

    return counted
