"""A monitor that answers as it is told, over a real socket."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

Said = tuple[int, dict[str, str], dict[str, Any]]
FINE: Said = (200, {}, {"accepted": 0, "errors": []})


class FakeMonitor(ThreadingHTTPServer):
    """Gives the answers of ``script`` one after the other, then takes everything; keeps what it took."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.script: list[Said] = []
        self.rows: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str | None, int]] = []
        self.connections = 0
        self.gate = threading.Event()
        self.gate.set()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeMonitor

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.gate.wait(20)
        rows = [json.loads(line) for line in body.splitlines()]
        self.server.asked.append((self.path, self.headers["authorization"], len(rows)))
        status, headers, told = self.server.script.pop(0) if self.server.script else FINE
        if status < 300:
            self.server.rows += rows
        answer = json.dumps(told).encode()
        self.send_response(status)
        for name, value in {"content-length": str(len(answer)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer)
        self.close_connection |= "x-bye" in headers  # without a word, as after a while

    def log_message(self, *said: object) -> None:
        """Keep quiet."""


@pytest.fixture
def monitor() -> Iterator[FakeMonitor]:
    """Give a monitor that takes everything unless it is told otherwise."""
    server = FakeMonitor()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.gate.set()
    server.shutdown()
    server.server_close()
    thread.join()
