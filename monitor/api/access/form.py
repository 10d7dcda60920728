"""The fields of a form that was posted, read with a limit."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request

from monitor.api.problem import Problem

MOST_BYTES = 16_384
KIND = "application/x-www-form-urlencoded"


async def fields(request: Request) -> dict[str, str]:
    """Return the fields by name.

    Raises
    ------
    Problem
        It is no form, or a very long one.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != KIND:
        raise Problem(415, "unsupported-media-type", f"Send {KIND}.")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise Problem(413, "too-large", f"A form has at most {MOST_BYTES} bytes.")
    try:
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=20))
    except ValueError:
        raise Problem(400, "bad-request", "This is no form.") from None
