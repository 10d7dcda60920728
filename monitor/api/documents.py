"""Documents: what is answered again and again, kept until the store says that something has changed."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from anyio import to_thread

from monitor.api.text import json_text

LONGEST = timedelta(seconds=60)
MOST = 2_000
SHARED = 0.01  # seconds


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON document with its entity tag; it holds from ``made_at`` on, at most until ``until``."""

    body: bytes
    etag: str
    token: str
    made_at: datetime
    until: datetime


@dataclass
class Documents:
    """The documents of a process, each under the name of what it tells of."""

    kept: dict[str, Document] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    looked: dict[str, tuple[float, str]] = field(default_factory=dict)
    looking: dict[str, asyncio.Future[str]] = field(default_factory=dict)

    async def token(self, name: str, look: Callable[[], str]) -> str:
        """Return the store's token of a document; those who ask within ten milliseconds share one look."""
        known = self.looked.get(name)
        if known is not None and time.monotonic() - known[0] < SHARED:
            return known[1]
        flight = self.looking.get(name)
        if flight is None:
            flight = asyncio.ensure_future(self._look(name, look))
            self.looking[name] = flight
            flight.add_done_callback(lambda done: self._landed(name, done))
        return await asyncio.shield(flight)

    def _landed(self, name: str, flight: asyncio.Future[str]) -> None:
        self.looking.pop(name, None)
        if not flight.cancelled():
            flight.exception()  # looked at: whoever asked may have given up

    async def _look(self, name: str, look: Callable[[], str]) -> str:
        begun = time.monotonic()
        found = await to_thread.run_sync(look)
        if len(self.looked) >= MOST:
            self.looked.clear()
        self.looked[name] = begun, found
        return found

    def known(self, name: str, token: str, now: datetime) -> Document | None:
        """Return a document that was made while the store's token was this one; None when it is to be made anew."""
        found = self.kept.get(name)
        return found if found is not None and found.token == token and found.made_at <= now < found.until else None

    def get(
        self, name: str, token: str, now: datetime, make: Callable[[], tuple[dict[str, Any], datetime | None]]
    ) -> Document:
        """Return a document as it was made while the store's token was this one, else made anew.

        Parameters
        ----------
        token : str
            Changes whenever the document may.
        make : callable
            Returns its content, and until when it holds even though nothing is stored. Members ``as_of`` have no part
            in the entity tag.
        """
        if (known := self.known(name, token, now)) is not None:
            return known
        content, until = make()
        ends = min(until or now + LONGEST, now + LONGEST)
        made = Document(json_text(content), _etag(content), token, now, max(ends, now))
        with self.lock:
            if len(self.kept) >= MOST:
                self.kept.clear()
            self.kept[name] = made
        return made


def _etag(content: dict[str, Any]) -> str:
    told = json_text({name: value for name, value in content.items() if name != "as_of"})
    return f'W/"{blake2b(told, digest_size=12).hexdigest()}"'
