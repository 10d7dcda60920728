"""Asking an ASGI application in this process, without a socket and without a loop that outlives the question."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partialmethod
from typing import Any

import httpx
from starlette.types import ASGIApp


@dataclass
class Asgi:
    """A client of an application."""

    app: ASGIApp
    headers: dict[str, str] = field(default_factory=dict)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask once; an error that the application lets out is an answer with status 500."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=self.headers) as client:
                return await client.request(method, path, **more)

        return asyncio.run(ask())

    get = partialmethod(request, "GET")
    post = partialmethod(request, "POST")
    put = partialmethod(request, "PUT")
    patch = partialmethod(request, "PATCH")
    delete = partialmethod(request, "DELETE")
