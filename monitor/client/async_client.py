"""The client of asynchronous serving code: logging is immediate, what waits does so beside the event loop."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Self

from monitor.client.client import Client
from monitor.client.stats import Stats


class AsyncClient:
    """A `Client` whose waiting is awaited; takes the same arguments.

    `log` and `truth` are no coroutines: they do not wait for anything. A thread sends, so that an event loop that is
    busy keeps no row back.

    Examples
    --------
    >>> async def serve() -> Stats:
    ...     async with AsyncClient("http://127.0.0.1:9", None, "churn", exit_timeout=0) as client:
    ...         client.log(id="p-1", score=0.3)
    ...     return client.stats
    >>> asyncio.run(serve()).sent
    0
    """

    def __init__(self, url: str, key: str | None, model: str, **options: Any) -> None:
        self._client = Client(url, key, model, **options)
        self.log = self._client.log
        self.truth = self._client.truth

    @property
    def stats(self) -> Stats:
        """What became of everything that was logged in this process."""
        return self._client.stats

    async def flush(self, timeout: float = 10.0) -> bool:
        """Wait until all that waits was sent; returns whether it was, in that time."""
        return await asyncio.to_thread(self._client.flush, timeout)

    async def aclose(self, timeout: float | None = None) -> bool:
        """Send what waits for so many seconds, and drop the rest; returns whether there was none."""
        return await asyncio.to_thread(self._client.close, timeout)

    async def __aenter__(self) -> Self:
        """Return the client itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        await self.aclose()
