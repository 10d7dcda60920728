"""Bodies: read only as far as they may be long, and never before the caller was let in."""

from __future__ import annotations

import asyncio

from fastapi import Request

from monitor.api.problem import Problem

SECONDS = 60


async def read_body(request: Request, most: int) -> bytes:
    """Return the body of a request.

    Raises
    ------
    Problem
        408 when it does not come in time, 413 when it is longer than ``most`` bytes, 415 when it is compressed.
    """
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        raise Problem(415, "unsupported-media-type", "Compressed bodies are not read: send it as it is.")
    said = request.headers.get("content-length", "0")
    if said.isdecimal() and int(said[:20]) > most:
        raise _too_large(most)
    parts: list[bytes] = []
    length = 0
    try:
        async with asyncio.timeout(SECONDS):
            async for part in request.stream():
                length += len(part)
                if length > most:
                    raise _too_large(most)
                parts.append(part)
    except TimeoutError:
        raise Problem(408, "timeout", f"The body did not come within {SECONDS} seconds.") from None
    return b"".join(parts)


def _too_large(most: int) -> Problem:
    detail = f"The body is larger than {most // 1_000_000} MB: send it in parts."
    return Problem(413, "too-large", detail, headers={"connection": "close"})
