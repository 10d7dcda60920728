"""Hurry: whoever connects says soon what he wants, or the connection is closed.

The server itself waits for the end of a request's head as long as it takes; many who send a byte now and then would
take all it has.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 15.0  # from the connection, or the first byte of a further request, to the end of its head
MOST_HEAD = 131_072  # bytes: more than addresses and headers may have together
LATE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Hurried(HttpToolsProtocol):
    """The server's protocol with a clock that runs while a head is not complete."""

    seconds = HEAD_SECONDS
    _clock: asyncio.TimerHandle | None = None
    _size = 0
    _heading = True

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; a head that goes on and on is refused."""
        super().data_received(data)
        if not self._heading:
            return
        self._size += len(data)
        if self._clock is None:
            self._begin()
        if self._size > MOST_HEAD:
            self._refuse(LARGE)

    def on_message_begin(self) -> None:
        """Note that a head begins."""
        self._heading, self._size = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Note that a head is complete: what follows has limits of its own."""
        self._heading = False
        self._stop()
        super().on_headers_complete()

    def _begin(self) -> None:
        self._clock = self.loop.call_later(self.seconds, self._refuse, LATE)

    def _stop(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _refuse(self, answer: bytes) -> None:
        self._stop()
        if self.transport.is_closing():
            return
        if self._size and (self.cycle is None or self.cycle.response_complete):  # never into another answer
            self.transport.write(answer)
        self.transport.close()
