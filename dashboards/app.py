"""The dashboard as a WSGI application: pages, frame, headers; ready to be mounted at ``/dash``."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any

import flask
from dash import Dash

from dashboards import library, routing
from dashboards.asking import BACKEND, PREFIX
from dashboards.library import A_DAY
from dashboards.packed import packed
from dashboards.page import pages
from dashboards.routing import NAME
from dashboards.shell import shell
from monitor.errors import MonitorError
from monitor.service.backend import Backend
from monitor.service.view.standing import standings

INDEX = """<!DOCTYPE html>
<html lang="en">
  <head>
    {%metas%}
    <title>{%title%}</title>
    <link rel="icon" href="/dash/assets/icon.svg" type="image/svg+xml">
    <meta name="tables" content="TABLES">
    <script src="/dash/assets/scheme.js"></script>
    {%css%}
  </head>
  <body>
    {%app_entry%}
    <footer>{%config%}{%scripts%}{%renderer%}</footer>
  </body>
</html>"""
LOG = logging.getLogger("monitor.dashboard")
META = [{"name": "viewport", "content": "width=device-width, initial-scale=1"}]


def build(backend: Backend) -> flask.Flask:
    """Return the dashboard.

    Everything it needs comes from its own folder: a page asks no other host. Each request carries who asks in its
    environment under ``monitor.principal``; without that it is nobody, who sees nothing.

    Parameters
    ----------
    backend : Backend
        What answers are made of.
    """
    server = flask.Flask("dashboards")
    server.config[BACKEND] = backend
    server.config["SEND_FILE_MAX_AGE_DEFAULT"] = A_DAY
    given: Any = server
    app = Dash(
        __name__,
        server=given,
        assets_folder=str(Path(__file__).parent / "assets"),
        assets_ignore=r"scheme\.js",
        requests_pathname_prefix=f"{PREFIX}/",
        routes_pathname_prefix="/",
        index_string=INDEX.replace("TABLES", library.tables()),
        meta_tags=META,
        title=NAME,
        update_title="",
        suppress_callback_exceptions=True,
        add_log_handler=False,
        enable_mcp=False,
    )
    app.layout = shell()
    routing.register(app)
    for page in pages():
        page.register(app)
    library.charts(server)
    packed(server)
    _guard(server, app)
    # Dash sets itself up at its first request; two at once would find it half done.
    server.test_client().get("/_dash-layout")
    return server


def warm(backend: Backend) -> None:
    """Read in a thread what the first page shows, so that nobody waits for what is read once."""

    def look() -> None:
        try:
            standings(backend)
        except MonitorError as error:
            LOG.info("the overview could not be read beforehand: %s", error)

    threading.Thread(target=look, name="warm", daemon=True).start()


def _guard(server: flask.Flask, app: Dash) -> None:
    """Let a browser run nothing but what lies here, whatever names and values may hold."""
    hashes = " ".join(app.csp_hashes())
    policy = "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {hashes}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )

    def headed(response: flask.Response) -> Any:
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        return response

    server.after_request(headed)
