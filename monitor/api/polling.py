"""Polling: who asks for the drift document with the entity tag that he has is answered at once.

Most requests are these, and finding their route and its parts would take longer than their answer.
"""

from __future__ import annotations

import re

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from monitor.api.asking import PRINCIPAL
from monitor.api.documents import Documents
from monitor.api.routes.drift import HEADERS, document, matches
from monitor.domain.principal import NOBODY, Principal
from monitor.errors import MonitorError
from monitor.service.backend import Backend

LONGEST = 2_000  # bytes of tags, as the route has it
_PATH = re.compile(r"/api/v1/models/([^/]+)/drift")


def polled(app: ASGIApp, backend: Backend, documents: Documents) -> ASGIApp:
    """Return an application that says 304 by itself; whatever else is to be said the route says."""

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        etag = await _unchanged(scope, backend, documents)
        if etag is None:
            await app(scope, receive, send)
        else:
            await Response(status_code=304, headers=HEADERS | {"etag": etag})(scope, receive, send)

    return answered


async def _unchanged(scope: Scope, backend: Backend, documents: Documents) -> str | None:
    """Return the entity tag of what is asked for when the caller has it; None when the route is to answer."""
    if scope["type"] != "http" or scope["method"] != "GET" or scope["query_string"]:
        return None
    found = _PATH.fullmatch(scope["path"])
    tags = [value for name, value in scope["headers"] if name == b"if-none-match"] if found else []
    if found is None or len(tags) != 1 or len(tags[0]) > LONGEST:
        return None
    caller: Principal = scope.get(PRINCIPAL, NOBODY)
    if not caller.may("read", found[1]) or backend.config().model(found[1]) is None:
        return None
    try:
        known = await document(backend, documents, found[1])
    except MonitorError:
        return None  # the route meets it too, and tells it
    return known.etag if matches(tags[0].decode("latin-1"), known.etag) else None
