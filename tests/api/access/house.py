"""A whole application behind the guard: API, a dashboard that stands in, files, metrics, a websocket."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from monitor.api.access import Settings, guarded
from monitor.api.app import application
from monitor.api.correlation import correlated
from monitor.config import Config, load_text
from monitor.domain.principal import LOCAL
from monitor.service.access import keys, users
from monitor.service.access.login import Desk, with_token
from monitor.service.access.pepper import Pepper
from monitor.service.backend import Backend
from monitor.store.engine import Store
from tests.api.access.visitor import Visitor

PASSWORD = "four words no one-guesses"
YAML = """
models:
  - {name: fraud, task: binary, source: {url: 'ingest://', predictions: {id: a, time: b, score: c}}}
  - {name: churn, task: binary, source: {url: 'ingest://', predictions: {id: a, time: b, score: c}}}
"""


async def _told(request: Any) -> JSONResponse:
    caller = request.scope["monitor.principal"]
    return JSONResponse({"who": caller.name, "method": request.method, "path": request.url.path})


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(socket.scope["monitor.principal"].name)
    await socket.close()


def standing_in() -> Starlette:
    """Make an application with every kind of thing that a dashboard has: each answer tells who asks."""
    ways = ["GET", "POST"]
    return Starlette(
        routes=[
            Route("/", _told),
            Route("/models/{name}", _told),
            Route("/_dash-update-component", _told, methods=ways),
            Route("/_dash-layout", _told),
            Route("/assets/{file}", _told),
            WebSocketRoute("/_socket", _socket),
        ]
    )


@dataclass
class House:
    """An application with people who may come in."""

    store: Store
    salt: Pepper
    more: str = ""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    planted: dict[str, Any] = field(default_factory=dict)

    def config(self) -> Config:
        return load_text(YAML + self.more, env={})

    def backend(self) -> Backend:
        config = self.config()
        return Backend(self.store, lambda: config)

    def app(self, **settings: Any) -> ASGIApp:
        """Build the application with nothing remembered between two requests."""
        inner = application(self.backend())
        inner.mount("/dash", standing_in())
        for path in ("/metrics", "/openapi.json", "/docs", "/", "/static/x.css"):
            if path not in {getattr(route, "path", None) for route in inner.routes}:
                inner.add_route(path, _told)
        known = {"remember": 0.0, "now": lambda: self.now} | settings
        return correlated(guarded(inner, self.backend(), Settings(**known)))

    def visitor(self, **more: Any) -> Visitor:
        return Visitor(self.app(), **more)

    def key(self, role: str = "viewer", models: list[str] | None = None, *, name: str = "k", **more: Any) -> str:
        """Make a key."""
        return keys.create(self.store, name=name, role=role, models=models, by=LOCAL, **more).text

    def user(self, name: str = "ann", role: str = "operator", models: list[str] | None = None) -> None:
        """Make a user with a password."""
        invited = users.add(self.store, name=name, role=role, models=models, by=LOCAL)
        with_token(Desk(self.store, self.salt, self.now, "127.0.0.1"), name, invited.token, PASSWORD)

    def inside(self, name: str = "ann", role: str = "operator", **more: Any) -> Visitor:
        """Make a user who has logged in."""
        self.user(name, role)
        found = self.visitor(**more)
        assert found.log_in(name, PASSWORD).status_code == 303
        return found


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


HOUR = timedelta(hours=1)
