"""What logging a prediction adds to a request, in microseconds, while a thread sends what was logged.

A server on this machine takes everything. The bar: the median of `Client.log` with 20 features stays below 20 µs.
"""

from __future__ import annotations

import logging
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from monitor.client import Client

CALLS, FEATURES, BAR = 50_000, 20, 20.0


class Taking(BaseHTTPRequestHandler):
    """Takes every push."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer that all is taken."""
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *said: object) -> None:
        """Keep quiet."""


def timed(client: Client, pause: float) -> list[int]:
    """Return how many nanoseconds each call took, in order of size."""
    features = {f"x{i}": i / 3 for i in range(FEATURES)}
    taken = []
    for number in range(CALLS if not pause else CALLS // 25):
        begun = time.perf_counter_ns()
        client.log(id=number, features=features, prediction=1, score=0.5)
        taken.append(time.perf_counter_ns() - begun)
        if pause:
            time.sleep(pause)
    return sorted(taken)


def main() -> int:
    """Print the figures; returns 1 when the median falls short of its bar."""
    logging.disable(logging.WARNING)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    cases = {
        "one after the other": (f"http://127.0.0.1:{server.server_address[1]}", 10**6, 0.0),
        "500 a second": (f"http://127.0.0.1:{server.server_address[1]}", 10**6, 0.002),
        "monitor away, queue full": ("http://127.0.0.1:9", 1_000, 0.0),
    }
    short = 0
    for name, (url, queue, pause) in cases.items():
        client = Client(url, "key", "m", queue=queue)
        found = timed(client, pause)
        p50, p99 = (found[int(len(found) * share)] / 1_000 for share in (0.5, 0.99))
        client.close(0 if "away" in name else 60)
        short |= p50 >= BAR
        print(f"{name:<26} p50 {p50:6.1f} µs   p99 {p99:7.1f} µs   {client.stats}", flush=True)
    server.shutdown()
    return int(short)


if __name__ == "__main__":
    raise SystemExit(main())
