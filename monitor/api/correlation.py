"""Correlation: one id a request, in every answer and every line of the log, and the last net beneath errors."""

from __future__ import annotations

import re
import time
from uuid import uuid4

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.api.problem import Problem
from monitor.telemetry import logger

KEY = "monitor.request_id"
HEADER = "x-request-id"
SLOW_SECONDS = 5.0
_GIVEN = re.compile(rb"[A-Za-z0-9._-]{8,64}")
VARY = "Authorization, Accept"
_ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


def request_id(scope: Scope) -> str:
    """Return the id of a request, empty when it came past `correlated`."""
    return str(scope.get(KEY, ""))


def correlated(app: ASGIApp) -> ASGIApp:
    """Return an application whose every answer carries an id and the headers that browsers are to obey.

    A caller's own ``X-Request-Id`` is kept when it looks like one. An error that nothing else has answered becomes a
    problem with status 500, its traceback goes to the log alone.
    """

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await app(scope, receive, send)
            return
        scope[KEY] = number = _number(scope)
        begun, started, ended = time.monotonic(), False, False

        async def labelled(message: Message) -> None:
            nonlocal started, ended
            if message["type"] == "http.response.start":
                started = True
                _label(MutableHeaders(scope=message), number)
            ended = message["type"] == "http.response.body" and not message.get("more_body")
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=number):
            try:
                await app(scope, receive, labelled)
            except Exception:
                logger().error("a request has failed", path=_path(scope), exc_info=True)
                if scope["type"] != "http" or started != ended:
                    raise
                if ended:
                    return
                told = Problem(500, "internal-error", "This is a fault of the service; its log says more.")
                await told.response(_path(scope), number)(scope, receive, labelled)
            _tell(scope, time.monotonic() - begun)

    return answered


def _label(headers: MutableHeaders, number: str) -> None:
    headers[HEADER] = number
    for name, value in _ALWAYS.items():
        headers.setdefault(name, value)
    headers.add_vary_header(VARY)  # beside what packing answers has said


def _number(scope: Scope) -> str:
    given = next((value for name, value in scope.get("headers", ()) if name == HEADER.encode()), b"")
    return given.decode() if _GIVEN.fullmatch(given) else f"req_{uuid4().hex}"


def _path(scope: Scope) -> str:
    return str(scope.get("path", ""))[:500]


def _tell(scope: Scope, seconds: float) -> None:
    if seconds >= SLOW_SECONDS and not scope.get("monitor.waits"):
        logger().info("a request took long", path=_path(scope), seconds=round(seconds, 1))
