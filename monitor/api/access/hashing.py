"""Work that takes much memory and time on purpose: two at once, however many ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from anyio.to_thread import run_sync

P = ParamSpec("P")
T = TypeVar("T")
AT_ONCE = 2
_limiter: RunVar[CapacityLimiter] = RunVar("monitor.hashing")


async def hashing(work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Do work that hashes a password in a thread, when its turn has come."""
    try:
        limiter = _limiter.get()
    except LookupError:
        limiter = CapacityLimiter(AT_ONCE)
        _limiter.set(limiter)
    return await run_sync(lambda: work(*arguments, **named), limiter=limiter)
