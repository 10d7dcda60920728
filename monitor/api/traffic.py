"""Traffic: how many requests were answered how, and how long that took, for Prometheus."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.service.scrape.counters import PREFIX, Sample

PARTS = ("api", "dash", "other")


@dataclass
class Traffic:
    """What a process has answered, by part of the service and status."""

    requests: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: Counter[tuple[str, str]] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, path: str, status: int, seconds: float) -> None:
        """Count one answer."""
        first = path.strip("/").partition("/")[0]
        key = first if first in PARTS else "other", str(status)
        with self.lock:
            self.requests[key] += 1
            self.seconds[key] += seconds  # type: ignore[assignment]

    def samples(self) -> list[Sample]:
        """Return samples, those of one name side by side."""
        told = (
            ("http_requests_total", self.requests, "Requests answered by this process."),
            ("http_request_seconds_total", self.seconds, "Seconds that they took, those that waited for news too."),
        )
        with self.lock:
            return [
                Sample(PREFIX + name, {"part": part, "status": status}, float(number), text, "counter")
                for name, counted, text in told
                for (part, status), number in sorted(counted.items())
            ]


def counted(app: ASGIApp, traffic: Traffic) -> ASGIApp:
    """Return an application whose answers are counted."""

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        begun, status = time.monotonic(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await app(scope, receive, noted)
        finally:
            traffic.note(str(scope["path"]), status, time.monotonic() - begun)

    return answered
