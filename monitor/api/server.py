"""The server: an application on a socket, in a thread of its own, until it is asked to stop."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from monitor.api import garbage
from monitor.api.hurry import Hurried
from monitor.errors import MonitorError, UsageError

DRAIN_SECONDS = 3
STOP_SECONDS = 6.0
BACKLOG = 2048


@dataclass(frozen=True)
class Place:
    """Where to listen: an address, a port (0 for any that is free), and the files of a certificate and its key.

    ``proxies`` are the addresses whose ``X-Forwarded-*`` headers are believed.
    """

    host: str = "127.0.0.1"
    port: int = 8050
    certificate: Path | None = None
    key: Path | None = None
    proxies: tuple[str, ...] = ()


@dataclass
class Server:
    """An application that listens; ``start`` returns once it does."""

    place: Place
    stopping: threading.Event = field(default_factory=threading.Event)
    _server: uvicorn.Server | None = None

    def listen(self) -> str:
        """Take the address; return the URL under which this server will answer.

        Raises
        ------
        MonitorError
            It is taken, or not this machine's.
        """
        place = self.place
        family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
        try:
            self._socket = socket.create_server((place.host, place.port), family=family, backlog=BACKLOG)
        except OSError as error:
            said = error.strerror or str(error)
            hint = "choose another: --port, --host; `ss -ltnp` shows who listens"
            raise MonitorError(f"cannot listen at {place.host} port {place.port}: {said}", hint) from None
        shown = f"[{place.host}]" if ":" in place.host else place.host
        return f"http{'s' if place.certificate else ''}://{shown}:{self._socket.getsockname()[1]}"

    def start(self, app: ASGIApp) -> None:
        """Answer with an application from now on."""
        garbage.rarely()
        self._server = uvicorn.Server(self._settings(app))
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), name="server")
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it still answers."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Take no more requests, end those that wait, give the others a few seconds."""
        self.stopping.set()
        if self._server is None:
            self._socket.close()
            return
        self._server.should_exit = True
        self._thread.join(STOP_SECONDS)
        if self._thread.is_alive():
            self._server.force_exit = True
            self._thread.join(1.0)

    def _settings(self, app: ASGIApp) -> uvicorn.Config:
        place = self.place
        try:
            settings = uvicorn.Config(
                app,
                http=Hurried,
                lifespan="off",
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=bool(place.proxies),
                forwarded_allow_ips=list(place.proxies),
                timeout_graceful_shutdown=DRAIN_SECONDS,
                timeout_keep_alive=75,
                ssl_certfile=place.certificate,
                ssl_keyfile=place.key,
            )
            settings.load()
        except (OSError, ValueError) as error:
            raise UsageError(
                f"the certificate cannot be used: {error}", "give PEM files: --tls-certificate, --tls-key"
            ) from None
        return settings
