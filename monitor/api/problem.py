"""Problems: every answer that is no success, as RFC 9457 has it (``application/problem+json``)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
TYPES = "urn:model-monitor:problem:"
NO_STORE = {"cache-control": "no-store"}


class Problem(Exception):  # noqa: N818 - the name that RFC 9457 gives it
    """A request that is refused; raised anywhere beneath a route, it becomes the answer.

    Parameters
    ----------
    status : int
        The HTTP status.
    slug : str
        Names the kind of problem for machines, such as ``stale-version``; the end of ``type``.
    detail : str
        What is wrong with this request and what would be right, in a sentence.
    errors : sequence of mapping
        One for each fault: ``pointer`` into the request, and ``detail``.
    headers : mapping of str to str
        Further headers of the answer.
    more : mapping of str to object
        Further members of the answer.
    """

    def __init__(
        self,
        status: int,
        slug: str,
        detail: str,
        *,
        errors: Sequence[Mapping[str, object]] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.slug, self.detail = status, slug, detail
        self.errors, self.headers, self.more = tuple(errors), dict(headers or {}), dict(more or {})

    def record(self, instance: str, request_id: str) -> dict[str, Any]:
        """Return the members of the answer."""
        found: dict[str, Any] = {
            "type": TYPES + self.slug,
            "title": title(self.status),
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "request_id": request_id,
        }
        if self.errors:
            found["errors"] = [dict(error) for error in self.errors]
        return found | self.more

    def response(self, instance: str, request_id: str) -> Response:
        """Return the answer itself, which no cache keeps."""
        body = json.dumps(self.record(instance, request_id), ensure_ascii=True, allow_nan=False, default=str)
        return Response(body, self.status, NO_STORE | self.headers, MEDIA_TYPE)


def title(status: int) -> str:
    """Return what a status is called.

    Examples
    --------
    >>> title(412), title(599)
    ('Precondition Failed', 'Error')
    """
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def not_found(what: str = "There is nothing here, or nothing that you may see.") -> Problem:
    """Return the problem of what is not there; what may not be seen is answered by the very same one."""
    return Problem(404, "not-found", what)
