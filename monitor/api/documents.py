"""Documents: what is answered again and again, kept until the store says that something has changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from monitor.api.text import json_text

LONGEST = timedelta(seconds=60)
MOST = 2_000


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
        known = self.kept.get(name)
        if known is not None and known.token == token and known.made_at <= now < known.until:
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
