"""Real endpoints on loopback: a recording web server that misbehaves as asked, a canary, certificates, messages."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import trustme
from pydantic import TypeAdapter

from monitor.config.receiver import ReceiverConfig
from monitor.domain.window import Window
from monitor.notify import Egress, Mark, Message
from monitor.notify.line import Place, resolve

AT = datetime(2026, 3, 2, 14, 5, tzinfo=UTC)
SECRET = "canary-7f3a9c"
HOSTILE = '<script>alert(1)</script>&<!channel>\r\nBcc: all@evil.example\u202e\ud800\0=HYPERLINK("x")*_`$\\frac$'

_RECEIVER: TypeAdapter[Any] = TypeAdapter(ReceiverConfig)
_PLAIN = Message(
    id="01JNB6Y2M8ZK4T5V7W9X0Y1Z2A",
    kind="opened",
    model="flight-delay",
    severity="critical",
    dedup_key="flight-delay-7",
    incident="7",
    title="flight-delay: 3 columns drift",
    summary="distance has moved by 0.31, beyond what the reference ever shows.",
    at=AT,
    since=AT - timedelta(hours=3),
    window=Window(AT - timedelta(hours=1, minutes=5), AT - timedelta(minutes=5)),
    columns=(Mark("distance", "psi", 0.31, 0.2, 0.0004), Mark("carrier", "unseen_rate", 0.07, 0.05)),
    more=1,
    link="https://monitor.example.org/dash/incidents/7",
    runbook="https://wiki.example.org/drift",
    labels={"team": "risk"},
)


def message(**changes: Any) -> Message:
    """Make a notice; what is not given is plain."""
    return replace(_PLAIN, **changes)


def hostile(**changes: Any) -> Message:
    """Make a notice all of whose texts come from an enemy."""
    marks = tuple(Mark(HOSTILE * 20, HOSTILE, float("nan"), float("inf"), None) for _ in range(5))
    texts = dict.fromkeys(("model", "dedup_key", "incident", "title", "reason", "summary"), HOSTILE)
    links = {"link": "javascript:alert(1)", "runbook": 'https://x.example/"onmouseover="alert(1)'}
    return message(**{**texts, **links, "columns": marks, "labels": {HOSTILE: HOSTILE}, **changes})


def receiver(kind: str, **keys: Any) -> Any:
    """Make a receiver as monitor.yaml would; loopback is meant."""
    return _RECEIVER.validate_python({"name": "oncall", "type": kind, "allow_private": True, **keys})


@dataclass(frozen=True)
class Call:
    """A request as the server got it."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


@dataclass
class Recorder:
    """A web server on loopback: the path says how it answers, ``script`` what its next answers are."""

    port: int = 0
    scheme: str = "http"
    calls: list[Call] = field(default_factory=list)
    script: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    elsewhere: str = ""
    over: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/200") -> str:
        """Return an address of it."""
        return f"{self.scheme}://127.0.0.1:{self.port}{path}"


@dataclass
class Canary:
    """A listener that nobody may reach; ``seen`` counts who did."""

    port: int
    seen: int = 0
    heard: bytes = b""


def _handler_of(recorder: Recorder) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - one small method per fault
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {key.lower(): value for key, value in self.headers.items()}
            recorder.calls.append(Call(self.path, headers, body))
            how = self.path.strip("/").split("/")[0]
            special = {"slow": self._slow, "drip": self._drip, "reset": self._reset, "huge": self._huge}
            if recorder.script:
                self._answer(*recorder.script.pop(0))
            elif how in special:
                special[how]()
            elif how == "garbage":
                self.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
            else:
                status = int(how) if how.isdigit() else 200
                more = {"Retry-After": "120"} if status == 429 else {}
                more |= {"Location": recorder.elsewhere} if status in {301, 302, 307, 308} else {}
                self._answer(status, more, b"{}")

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for key, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body)

        def _slow(self) -> None:
            recorder.over.wait(30)

        def _drip(self) -> None:
            for _ in range(600):
                self.wfile.write(b"HTTP/1.1 200 OK\r\n"[_ % 17 : _ % 17 + 1])
                self.wfile.flush()
                if recorder.over.wait(0.05):
                    return

        def _reset(self) -> None:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            self.connection.close()

        def _huge(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(100 * 2**20))
            self.end_headers()
            for _ in range(100):
                self.wfile.write(bytes(2**20))

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Say nothing: a client that hangs up is what many of these tests are about."""


@contextmanager
def served(tls: ssl.SSLContext | None = None) -> Iterator[Recorder]:
    """Run a recorder until the block ends."""
    recorder = Recorder(scheme="https" if tls else "http")
    server = _Server(("127.0.0.1", 0), _handler_of(recorder))
    recorder.port = server.server_address[1]
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield recorder
    finally:
        recorder.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    """Give a recording web server on loopback."""
    with served() as running:
        yield running


@pytest.fixture
def canary() -> Iterator[Canary]:
    """Give a listener on every loopback address of both families, which counts its visitors."""
    listening = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    seen = Canary(listening.getsockname()[1])

    def watch() -> None:
        while True:
            try:
                visitor, _ = listening.accept()
            except OSError:
                return
            seen.seen += 1
            visitor.settimeout(0.2)
            try:
                seen.heard += visitor.recv(100)
            except OSError:
                seen.heard += b""
            visitor.close()

    watching = threading.Thread(target=watch)
    watching.start()
    yield seen
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    watching.join()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Give somebody who signs certificates."""
    return trustme.CA()


@pytest.fixture
def certified(authority: trustme.CA) -> Callable[[str], ssl.SSLContext]:
    """Give the TLS of a server of some name."""

    def make(host: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(host).configure_cert(context)
        return context

    return make


@pytest.fixture
def egress() -> Egress:
    """Give the way out at a fixed time."""
    return Egress(now=lambda: AT)


@pytest.fixture
def trusting(authority: trustme.CA) -> Callable[[int], Egress]:
    """Give a way out that trusts our signer and finds every name on loopback, at a port."""
    context = ssl.create_default_context()
    authority.configure_trust(context)

    def leading_to(port: int) -> Egress:
        def found(host: str, _: int) -> list[Place]:
            return list(resolve("127.0.0.1", port))

        return Egress(resolve=found, tls=lambda: context, now=lambda: AT)

    return leading_to
