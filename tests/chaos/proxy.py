"""A proxy between somebody and a PostgreSQL server: a network that can be slow, stand still, or break at any byte."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from sqlalchemy.engine import make_url

PIECE = 2**16
COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"  # as the store's driver sends it, in a packet of its own
COPY = b"COPY ("  # how the logs' driver asks for rows

Fate = Callable[[bytes], str]


def well(_said: bytes) -> str:
    """Let everything pass."""
    return "pass"


@dataclass(eq=False)
class Line:
    """One connection through the proxy; ``said`` is what the client has sent since its last commit."""

    to_client: asyncio.StreamWriter
    to_server: asyncio.StreamWriter
    said: bytearray = field(default_factory=bytearray)
    mute: bool = False  # the server's next answer is not passed on: the line breaks instead
    left: int | None = None  # bytes that the server may still send before the line breaks

    def cut(self) -> None:
        """Break it in both directions, as a reset does."""
        for side in (self.to_client, self.to_server):
            plug = side.get_extra_info("socket")
            with contextlib.suppress(OSError):  # closed already
                plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            side.transport.abort()


class Proxy:
    """Listens on a port of its own and passes on to ``url`` what it hears; ``self.url`` is the same through it.

    ``at_commit`` says what happens to a commit, told what the client has sent since the last one: ``pass``; ``lost``,
    the line breaks before the server hears of it; ``unheard``, it breaks before the client hears of it; ``stall``, it
    waits for ``pause`` seconds. ``at_copy`` says the same of rows that are asked for: ``pass``; ``torn``, the line
    breaks in their midst; ``stall``. A proxy that is ``down`` refuses everybody. ``seen`` counts what was done.
    """

    def __init__(self, url: str, *, pause: float = 3.0) -> None:
        there = make_url(url)
        self.host, self.port = there.host or "127.0.0.1", there.port or 5432
        self.at_commit: Fate = well
        self.at_copy: Fate = well
        self.pause, self.delay = pause, 0.0
        self.down = False
        self.seen: Counter[str] = Counter()
        self.lines: set[Line] = set()
        self.loop = asyncio.new_event_loop()
        self.server = self.loop.run_until_complete(asyncio.start_server(self._meet, "127.0.0.1", 0))
        port = self.server.sockets[0].getsockname()[1]
        self.url = there.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def heal(self) -> None:
        """Be a good network from now on."""
        self.at_commit = self.at_copy = well
        self.down, self.delay = False, 0.0

    def cut(self) -> None:
        """Break every line there is."""
        self.loop.call_soon_threadsafe(self._cut_all)

    def close(self) -> None:
        """Break everything and end."""
        asyncio.run_coroutine_threadsafe(self._end(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    async def _end(self) -> None:
        self.server.close()
        self._cut_all()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _cut_all(self) -> None:
        self.seen["cut"] += len(self.lines)
        for line in self.lines:
            line.cut()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.down:
            self.seen["refused"] += 1
            writer.transport.abort()
            return
        try:
            answers, to_server = await asyncio.open_connection(self.host, self.port)
        except OSError:
            writer.transport.abort()
            return
        line = Line(writer, to_server)
        self.lines.add(line)
        try:
            with contextlib.suppress(OSError):
                await asyncio.gather(self._upwards(line, reader), self._downwards(line, answers))
        finally:
            self.lines.discard(line)
            line.cut()

    async def _upwards(self, line: Line, reader: asyncio.StreamReader) -> None:
        while piece := await reader.read(PIECE):
            await self._suffer(line, piece)
            line.to_server.write(piece)
            await line.to_server.drain()
        line.cut()

    async def _suffer(self, line: Line, piece: bytes) -> None:
        """Do what the fates say about a piece before it is passed on."""
        await asyncio.sleep(self.delay)
        fate = "pass"
        if piece == COMMIT:
            fate = self.at_commit(bytes(line.said))
            line.said.clear()
        else:
            line.said += piece
            if COPY in piece:
                fate = self.at_copy(piece)
        self.seen[fate] += 1
        if fate == "stall":
            await asyncio.sleep(self.pause)
        elif fate == "lost":
            line.cut()
        elif fate == "unheard":
            line.mute = True
        elif fate == "torn":
            line.left = 64

    async def _downwards(self, line: Line, reader: asyncio.StreamReader) -> None:
        while piece := await reader.read(PIECE):
            await asyncio.sleep(self.delay)
            if line.mute:
                self.seen["committed, unheard"] += b"COMMIT\x00" in piece
                break
            if line.left is not None:
                line.left, piece = line.left - len(piece), piece[: max(0, line.left)]
            line.to_client.write(piece)
            await line.to_client.drain()
            if line.left is not None and line.left <= 0:
                break
        line.cut()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
