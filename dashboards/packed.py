"""Scripts and styles on the wire: packed once for all who come, and kept by browsers for as long as they stay."""

from __future__ import annotations

import gzip
from typing import Any

import flask
from flask import request

LASTING = ("/_dash-component-suites/", "/assets/")
TYPES = frozenset({"text/javascript", "application/javascript", "text/css", "image/svg+xml"})
A_YEAR = 31_536_000  # seconds


def packed(server: flask.Flask) -> None:
    """Pack each script and style the first time that it is asked for.

    What has its version in its address never changes: a browser does not ask for it a second time.
    """
    kept: dict[str, tuple[str | None, bytes]] = {}

    def sent(response: flask.Response) -> Any:
        if response.status_code != 200 or not request.path.startswith(LASTING):
            return response
        if "m" in request.args or response.cache_control.max_age == A_YEAR:
            response.cache_control.public, response.cache_control.max_age = True, A_YEAR
            response.cache_control.immutable = True
        if response.mimetype in TYPES and not response.content_encoding:
            response.vary.add("Accept-Encoding")
            if request.accept_encodings.quality("gzip") > 0:
                _pack(response, kept)
        return response

    server.after_request(sent)


def _pack(response: flask.Response, kept: dict[str, tuple[str | None, bytes]]) -> None:
    """Put the packed form of an answer in its place; one per file is kept, as long as the file is the same."""
    tag = response.headers.get("ETag")
    response.direct_passthrough = False
    response.make_sequence()  # what a file is read from is closed with the answer
    found = kept.get(request.path)
    if found is None or found[0] != tag:
        found = kept[request.path] = tag, gzip.compress(response.get_data(), 9)
    response.set_data(found[1])
    response.content_encoding = "gzip"
