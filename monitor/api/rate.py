"""Rates: how much one caller may ask; a key may poll at full speed, a stranger may not try keys at full speed."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.api.asking import PRINCIPAL
from monitor.api.correlation import request_id
from monitor.api.problem import Problem
from monitor.domain.principal import NOBODY

REMEMBERED = 20_000
CREDENTIALS = (b"authorization", b"cookie")


@dataclass(frozen=True)
class Rate:
    """So many requests a second on average, and ``burst`` at once."""

    name: str
    per_second: float
    burst: float


KNOWN = Rate("key", 5_000.0, 10_000.0)
STRANGER = Rate("address", 50.0, 400.0)


@dataclass
class Buckets:
    """A bucket of tokens for each caller, that fills up again; those asked last are remembered."""

    rate: Rate
    clock: Callable[[], float] = time.monotonic
    kept: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def take(self, name: str) -> tuple[bool, float]:
        """Take a token of a caller; return whether there was one, and how many are left.

        Examples
        --------
        >>> seconds = iter([0.0, 0.0, 0.0, 0.5])
        >>> buckets = Buckets(Rate("r", 2.0, 2.0), lambda: next(seconds))
        >>> [buckets.take("ann")[0] for _ in range(4)]
        [True, True, False, True]
        """
        now = self.clock()
        left, at = self.kept.pop(name, (self.rate.burst, now))
        left = min(self.rate.burst, left + (now - at) * self.rate.per_second)
        taken = left >= 1
        left -= taken
        self.kept[name] = left, now
        while len(self.kept) > REMEMBERED:
            self.kept.popitem(last=False)
        return taken, left


def rated(app: ASGIApp, *, known: Rate = KNOWN, stranger: Rate = STRANGER) -> ASGIApp:
    """Return an application that answers 429 to who asks too much, before anything is looked up.

    Who sends a key or a session that was recognised before has the rate ``known``; anybody else that of his address, so
    that trying keys is slow. This machine itself is no stranger.
    """
    keys, addresses = Buckets(known), Buckets(stranger)
    accepted: OrderedDict[str, None] = OrderedDict()

    async def measured(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        who, address = _credential(scope), str((scope.get("client") or ("", 0))[0])
        buckets, name = (keys, who or address) if who in accepted or _here(address) else (addresses, address)
        taken, left = buckets.take(name)
        told = _headers(buckets.rate, left)

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(told)
                if who and scope.get(PRINCIPAL, NOBODY) != NOBODY:
                    accepted[who] = None
                    while len(accepted) > REMEMBERED:
                        accepted.popitem(last=False)
            await send(message)

        if taken:
            await app(scope, receive, noted)
            return
        wait = str(max(1, math.ceil((1 - left) / buckets.rate.per_second)))
        refused = Problem(429, "too-many-requests", "Too many requests: wait a moment.", headers={"retry-after": wait})
        await refused.response(str(scope["path"]), request_id(scope))(scope, receive, noted)

    return measured


def _credential(scope: Scope) -> str:
    """Return a digest of what a caller shows for himself, empty when it is nothing."""
    shown = [value for name, value in scope["headers"] if name in CREDENTIALS]
    return blake2b(b"\0".join(shown), digest_size=16).hexdigest() if shown else ""


def _here(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _headers(rate: Rate, left: float) -> dict[str, str]:
    missing = rate.burst - left
    return {
        "ratelimit-limit": str(int(rate.burst)),
        "ratelimit-remaining": str(max(0, int(left))),
        "ratelimit-reset": str(math.ceil(missing / rate.per_second)),
    }
