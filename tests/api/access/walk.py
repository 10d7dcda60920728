"""A walk over everything that an application serves: routes, routers in it, mounts, websockets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fastapi.routing import APIRoute
from starlette.routing import Mount, Route, WebSocketRoute


def walk(routes: Iterable[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield path and route; a kind of route that is not known here is an error, not left out."""
    for route in routes:
        if hasattr(route, "original_router"):  # FastAPI keeps an included router as one entry
            yield from walk(route.original_router.routes, prefix + route.include_context.prefix)
        elif isinstance(route, Mount):
            yield from walk(route.routes, prefix + route.path)
        else:
            assert isinstance(route, APIRoute | Route | WebSocketRoute), route
            yield prefix + route.path, route


def asked(routes: Iterable[Any]) -> Iterator[tuple[str, str, str]]:
    """Yield kind, method and an address of everything."""
    for path, route in walk(routes):
        address = path.replace("{", "").replace("}", "")
        if isinstance(route, WebSocketRoute):
            yield "websocket", "", address
        else:
            yield from (("http", method, address) for method in sorted(route.methods or {"GET"}))
