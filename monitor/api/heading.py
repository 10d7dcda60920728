"""Heads: ``HEAD`` is answered wherever ``GET`` is, with the same headers and no body."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send


def headed(app: ASGIApp) -> ASGIApp:
    """Return an application that answers ``HEAD`` as it answers ``GET``, the body left out."""

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await app(scope, receive, send)
            return

        async def bodiless(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        # A copy: the server must go on knowing that no body follows.
        await app(dict(scope, method="GET"), receive, bodiless)

    return answered
