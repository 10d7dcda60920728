"""The one way out: requests over HTTP that are guarded, bounded in time and size, and never redirected."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from monitor.notify import line
from monitor.notify.refusal import UnreachableError
from monitor.notify.target import Target, parse_target

MOST_READ = 4096  # bytes of an answer
CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 10.0
AGENT = "model-monitor"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the header ``Retry-After`` and the first bytes of the body.

    The body is for a receiver's own protocol; it is never shown, since it may come from anywhere.
    """

    status: int
    retry_after: str | None = None
    body: bytes = field(default=b"", repr=False)


@cache
def _trusted() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Egress:
    """How to leave: which resolver, which dialling, whom TLS trusts and what time it is.

    One serves all receivers and all threads.
    """

    resolve: line.Resolve = line.resolve
    dial: line.Dial = line.dial
    tls: Callable[[], ssl.SSLContext] = _trusted
    now: Callable[[], datetime] = _now

    def connect(self, host: str, port: int, *, allow_private: bool, seconds: float) -> socket.socket:
        """Return a connected, judged socket, as `monitor.notify.line.connect` does."""
        within = min(CONNECT_SECONDS, seconds)
        return line.connect(
            host, port, allow_private=allow_private, seconds=within, resolve=self.resolve, dial=self.dial
        )

    def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        allow_private: bool = False,
        seconds: float = TOTAL_SECONDS,
        most: int = MOST_READ,
    ) -> Answer:
        """Post a body and return what is answered; no redirect is followed, no proxy of the environment is used.

        Parameters
        ----------
        url : str
            An https address; http only with ``allow_private``.
        headers : mapping
            Beside those of the connection, which are ours.
        seconds : float
            For all of it, the name's look-up included.
        most : int
            Bytes of the answer's body that are read; the rest is left on the wire.

        Raises
        ------
        RefusedError
            The URL or the address it leads to is denied.
        UnreachableError
            The network failed, the certificate is not valid, or the time is over.
        """
        target = parse_target(url, allow_private=allow_private)
        until = time.monotonic() + seconds
        opened = self.connect(target.host, target.port, allow_private=allow_private, seconds=seconds)
        try:
            with line.cut_after(opened, until - time.monotonic()) as cut:
                return _exchange(self._wrapped(opened, target), target, body, headers, most, cut)
        except OSError as error:
            raise UnreachableError(line.said(error)) from None
        finally:
            opened.close()

    def _wrapped(self, opened: socket.socket, target: Target) -> socket.socket:
        return self.tls().wrap_socket(opened, server_hostname=target.host) if target.secure else opened


def _exchange(
    wire: socket.socket, target: Target, body: bytes, headers: Mapping[str, str], most: int, cut: threading.Event
) -> Answer:
    ours = {
        "Host": target.authority,
        "User-Agent": AGENT,
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    call = http.client.HTTPConnection(target.host, target.port)
    call.sock = wire
    try:
        call.request("POST", target.path, body, {**headers, **ours})
        reply = call.getresponse()
        if cut.is_set():  # in the midst of the answer's head, which cannot be believed
            raise UnreachableError("timeout")
        return Answer(reply.status, reply.getheader("Retry-After"), _read(reply, most))
    except http.client.HTTPException as error:
        raise UnreachableError(f"no HTTP answer: {type(error).__name__}") from None
    finally:
        call.close()


def _read(reply: http.client.HTTPResponse, most: int) -> bytes:
    """Read the beginning of a body; the status stands, however the rest ends."""
    try:
        return reply.read(most)
    except (OSError, http.client.HTTPException):
        return b""
