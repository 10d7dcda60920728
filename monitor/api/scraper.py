"""The scraper: whoever holds the token of ``/metrics`` reads that, and nothing else."""

from __future__ import annotations

import hmac
import os

from starlette.types import ASGIApp, Receive, Scope, Send

from monitor.api.asking import PRINCIPAL
from monitor.domain.principal import Principal
from monitor.errors import UsageError
from monitor.service.access.pepper import weakness

TOKEN = "MONITOR_METRICS_TOKEN"  # noqa: S105 - the name of a variable
PATH = "/metrics"
SCRAPER = Principal("metrics token", frozenset({"read"}))


def token() -> bytes | None:
    """Return the token of the environment; None when there is none.

    Raises
    ------
    UsageError
        It is one that could be guessed.
    """
    found = os.environ.get(TOKEN, "").strip()
    if found and (fault := weakness(found)):
        raise UsageError(f"{TOKEN} {fault}", f'export {TOKEN}="$(openssl rand -hex 32)", and give it to Prometheus')
    return found.encode() or None


def scraped(app: ASGIApp, inner: ASGIApp, secret: bytes | None) -> ASGIApp:
    """Return an application that lets the holder of the token past the layer of access, to ``/metrics`` alone.

    Parameters
    ----------
    app : ASGI application
        With the layer of access around it.
    inner : ASGI application
        The same without that layer.
    """

    async def let_in(scope: Scope, receive: Receive, send: Send) -> None:
        if secret is not None and scope["type"] == "http" and scope["path"] == PATH and _shown(scope, secret):
            scope[PRINCIPAL] = SCRAPER
            await inner(scope, receive, send)
        else:
            await app(scope, receive, send)

    return let_in


def _shown(scope: Scope, secret: bytes) -> bool:
    said: bytes = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
    kind, _, shown = said.partition(b" ")
    return kind.lower() == b"bearer" and hmac.compare_digest(shown.strip(), secret)
