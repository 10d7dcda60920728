"""Credentials: the key or the session that a request carries, and whose it is."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from monitor.api.access.request import cookie, header, present, secure
from monitor.domain.principal import Principal
from monitor.service.access import keys, sessions
from monitor.service.access.pepper import Pepper
from monitor.store.engine import Store

Kind = Literal["key", "session", "wrong"]
MOST = 4096
LONGEST = 200
_BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Credential:
    """What a request carries; ``wrong`` is an Authorization header that can be nobody's."""

    kind: Kind
    text: str = field(repr=False, default="")


def cookie_name(*, tls: bool) -> str:
    """Return the session cookie's name: over TLS one that only this host, over TLS, can have set."""
    return "__Host-monitor" if tls else "monitor"


def carried(scope: Scope) -> Credential | None:
    """Return what a request carries; None when nothing. A key is looked at alone, whatever cookie stands beside it."""
    if present(scope, "authorization"):
        found = _BEARER.fullmatch((header(scope, "authorization") or "").strip())
        return Credential("key", found[1]) if found and len(found[1]) <= LONGEST else Credential("wrong")
    token = cookie(scope, cookie_name(tls=secure(scope)))
    return Credential("session", token) if token and len(token) <= LONGEST else None


@dataclass
class Memory:
    """Answers to "whose is this", each remembered for a moment, so that polling does not ask the store each time.

    A revoked key works as long as that on other replicas, on this one too.
    """

    seconds: float
    clock: Callable[[], float] = time.monotonic
    _known: dict[bytes, tuple[float, Principal | None]] = field(default_factory=dict, repr=False)

    def of(self, credential: Credential) -> tuple[bool, Principal | None]:
        """Return whether the answer is remembered, and the answer."""
        at, found = self._known.get(_mark(credential), (float("-inf"), None))
        return self.clock() - at < self.seconds, found

    def keep(self, credential: Credential, found: Principal | None) -> None:
        """Remember an answer."""
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[_mark(credential)] = (self.clock(), found)

    def forget(self, credential: Credential) -> None:
        """Forget an answer: of a session that has just ended."""
        self._known.pop(_mark(credential), None)


async def owner(
    credential: Credential, memory: Memory, ask: Callable[[Credential], Principal | None]
) -> Principal | None:
    """Return whose a credential is; None when nobody's."""
    remembered, found = memory.of(credential)
    if not remembered:
        found = await run_in_threadpool(ask, credential)
        memory.keep(credential, found)
    return found


def asker(
    store: Store, salt: Callable[[], Pepper], now: Callable[[], object]
) -> Callable[[Credential], Principal | None]:
    """Return the function that asks the store whose a credential is."""

    def ask(credential: Credential) -> Principal | None:
        if credential.kind == "wrong":
            return None
        recognise = keys.who if credential.kind == "key" else sessions.who
        return recognise(store, salt(), credential.text, now())  # type: ignore[arg-type]

    return ask


def _mark(credential: Credential) -> bytes:
    return sha256(f"{credential.kind}\0{credential.text}".encode("utf-8", "surrogatepass")).digest()
