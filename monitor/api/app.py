"""The application: every resource of `monitor.api.routes`, and the layers around them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from importlib.metadata import version

from anyio import CapacityLimiter
from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from monitor.api import refusals, routes
from monitor.api.correlation import correlated
from monitor.api.documents import Documents
from monitor.api.heading import headed
from monitor.api.limits import limited
from monitor.api.openapi import described
from monitor.api.rate import rated
from monitor.api.scraper import scraped, token
from monitor.api.text import Json
from monitor.api.timing import timed
from monitor.api.traffic import Traffic, counted
from monitor.service.backend import Backend

Layer = Callable[[ASGIApp], ASGIApp]
FEED_THREADS = 8
LEAST_PACKED = 2_000  # bytes: packing less takes longer than sending it


def create(
    backend: Backend,
    *,
    access: Layer | None = None,
    dashboard: ASGIApp | None = None,
    checks: Callable[[], str | None] = lambda: None,
    stopping: Callable[[], bool] = lambda: False,
) -> ASGIApp:
    """Return the whole application.

    Parameters
    ----------
    backend : Backend
        What answers stand on.
    access : callable, optional
        Wraps all of it, dashboard included, and finds out who asks; without it everybody is nobody, and only what is
        open to all answers.
    dashboard : ASGI application, optional
        Mounted at ``/dash``.
    checks : callable
        Returns what keeps the process from being ready beside its store, None when nothing does.
    stopping : callable
        Returns whether the process is about to end: what waits for news is answered then.
    """
    app = application(backend)
    app.state.checks, app.state.stopping = checks, stopping
    if dashboard is not None:
        app.mount("/dash", dashboard)
    inner = headed(app)
    guarded: ASGIApp = inner if access is None else access(inner)
    packed = GZipMiddleware(timed(scraped(guarded, inner, token())), minimum_size=LEAST_PACKED)
    return counted(correlated(rated(limited(packed))), app.state.traffic)


def application(backend: Backend | None = None) -> FastAPI:
    """Return the FastAPI application without any layer around it; without a backend it can only be described."""
    app = FastAPI(
        title="Model monitor",
        version=version("model-monitor"),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        default_response_class=Json,
    )
    app.state.backend, app.state.documents = backend, Documents()
    app.state.traffic = Traffic()
    app.state.feed, app.state.waiting = CapacityLimiter(FEED_THREADS), Counter()
    app.state.checks, app.state.stopping = lambda: None, lambda: False
    for name, prefix, router in routes.every():
        app.include_router(router, prefix=prefix, tags=[name])
    refusals.install(app)
    app.openapi = lambda: described(app)  # type: ignore[method-assign]
    return app


def as_principal(principal: object) -> Layer:
    """Return a layer that takes everybody for somebody: for tests, and for looking at one's own machine."""

    def layer(app: ASGIApp) -> ASGIApp:
        async def known(scope: Scope, receive: Receive, send: Send) -> None:
            scope["monitor.principal"] = principal
            await app(scope, receive, send)

        return known

    return layer
