"""A visitor: a browser without scripts, or a program, that asks the application in this process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partialmethod
from typing import Any

import httpx
from starlette.types import ASGIApp

SAME = {"sec-fetch-site": "same-origin"}
ELSEWHERE = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}


@dataclass
class Visitor:
    """Somebody at an address, with cookies that he keeps."""

    app: ASGIApp
    base: str = "http://127.0.0.1:8050"
    headers: dict[str, str] = field(default_factory=dict)
    peer: str = "127.0.0.1"
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask once; redirects are not followed."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(self.peer, 5000))
            async with httpx.AsyncClient(
                transport=transport, base_url=self.base, headers=self.headers, cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, **more)
                self.cookies = client.cookies
                return answer

        return asyncio.run(ask())

    get = partialmethod(request, "GET")
    post = partialmethod(request, "POST")

    def log_in(self, name: str, password: str, **more: Any) -> httpx.Response:
        """Fill in the login page."""
        return self.post("/login", data={"name": name, "password": password}, headers=SAME, **more)


def socket(app: ASGIApp, path: str, headers: dict[str, str] | None = None, peer: str = "127.0.0.1") -> list[Any]:
    """Knock at a websocket and return what the application answered."""
    sent: list[Any] = []
    scope = {
        "type": "websocket", "path": path, "raw_path": path.encode(), "query_string": b"", "scheme": "ws",
        "client": (peer, 5000), "server": ("127.0.0.1", 8050), "subprotocols": [], "root_path": "",
        "headers": [(k.encode(), v.encode()) for k, v in ({"host": "127.0.0.1:8050"} | (headers or {})).items()],
    }  # fmt: skip

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
    return sent
