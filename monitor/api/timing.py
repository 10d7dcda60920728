"""Time: how long a request may take; then it is given up, and nothing of it is stored any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from anyio import CapacityLimiter, to_thread
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.api.correlation import request_id
from monitor.api.limits import DASHBOARD, PUSHES
from monitor.api.problem import Problem
from monitor.store.patience import PATIENCE, Patience
from monitor.telemetry import logger

SECONDS = 30.0
BODY = 60.0  # more for rows, which may take as long to come
NEWS = 60.0  # more for the feed, which may wait as long
PAGES = 290.0  # more for the dashboard, where a report may be waited for
AGAIN = 0.25  # until a commit under way is looked at again
AT_ONCE = 4


@dataclass
class Wait:
    """A request that is waited for; ``over`` once it was given up."""

    task: asyncio.Task[object]
    limiter: CapacityLimiter
    patience: Patience = field(default_factory=Patience)
    started: bool = False
    over: bool = False
    ending: asyncio.Task[None] | None = None

    def end(self) -> None:
        """Begin to give it up, unless its answer has begun."""
        if not self.started:
            self.ending = asyncio.ensure_future(self._end())

    async def _end(self) -> None:
        # In a thread that is kept for this: all others may be what is waited for.
        while not await to_thread.run_sync(self.patience.give_up, limiter=self.limiter):
            await asyncio.sleep(AGAIN)
        if not self.started:
            self.over = True
            self.task.cancel()


def timed(app: ASGIApp, allowed: Callable[[Scope], float] | None = None) -> ASGIApp:
    """Return an application that answers in time, if only that it could not.

    Who is told so may ask again: what was not committed by then never is. A commit that has begun is waited for.

    Parameters
    ----------
    allowed : callable, optional
        How many seconds a request may take; `seconds` when absent.
    """
    limiter = CapacityLimiter(AT_ONCE)

    async def bounded(scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        if scope["type"] != "http" or task is None:
            await app(scope, receive, send)
            return
        wait = Wait(task, limiter)

        async def noted(message: Message) -> None:
            wait.started = True
            await send(message)

        PATIENCE.set(wait.patience)
        clock = asyncio.get_running_loop().call_later((allowed or seconds)(scope), wait.end)
        try:
            await app(scope, receive, noted)
        except asyncio.CancelledError:
            if not wait.over or task.uncancel():
                raise
            await _told(scope)(scope, receive, send)
        finally:
            clock.cancel()
            if wait.ending is not None:
                wait.ending.cancel()
            PATIENCE.set(None)

    return bounded


def seconds(scope: Scope) -> float:
    """Return how long a request may take.

    Examples
    --------
    >>> seconds({"path": "/api/v1/models"}), seconds({"path": "/api/v1/changes"})
    (30.0, 90.0)
    """
    path: str = scope["path"]
    if path in PUSHES:
        return SECONDS + BODY
    if path.startswith(DASHBOARD):
        return SECONDS + PAGES
    return SECONDS + (NEWS if path.endswith("/changes") else 0.0)


def _told(scope: Scope) -> ASGIApp:
    logger().warning("a request was given up", path=str(scope["path"])[:500])
    detail = "It took too long and was given up: what was not stored by now will not be. Ask again in a moment."
    refused = Problem(503, "timeout", detail, headers={"retry-after": "5"})
    return refused.response(scope["path"], request_id(scope))
