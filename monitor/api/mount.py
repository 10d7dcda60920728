"""The dashboard beneath the API: a WSGI application as ASGI, with who asks in its environment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from a2wsgi import WSGIMiddleware
from starlette.types import ASGIApp

from monitor.api.asking import PRINCIPAL
from monitor.domain.principal import NOBODY

if TYPE_CHECKING:
    from monitor.service.backend import Backend

MODULE = "dashboards.app"
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def dashboard(backend: Backend) -> ASGIApp | None:
    """Return the dashboard; None where the package is not installed."""
    if find_spec(MODULE.partition(".")[0]) is None or find_spec(MODULE) is None:
        return None
    server: Any = import_module(MODULE).build(backend)
    return mounted(server)


def warm(backend: Backend) -> None:
    """Have the dashboard read in a thread what its first page shows; once all is set up, which it would slow down."""
    import_module(MODULE).warm(backend)


def mounted(app: Wsgi) -> ASGIApp:
    """Return a WSGI application as ASGI; who asks stands in its environment under the name of the scope."""

    def carried(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        environ[PRINCIPAL] = environ["asgi.scope"].get(PRINCIPAL, NOBODY)
        return app(environ, start)

    middleware: Any = WSGIMiddleware(carried)  # type: ignore[arg-type]
    return middleware  # type: ignore[no-any-return]
