"""The log of who changed what: rows that are only added, each with a hash that covers all rows before it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from monitor.store.access_tables import audit_log
from monitor.store.instant import instant_text
from monitor.store.tables import counters

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import Connection

COUNTER = "audit"
START = "0" * 64
PAGE = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that somebody did; ``seq`` is 0 and ``hash`` empty until it is appended.

    ``before`` and ``after`` are JSON texts of what the object was and is, None where it was not or is no more.
    """

    at: datetime
    actor: str
    action: str
    object: str
    before: str | None = None
    after: str | None = None
    request_id: str | None = None
    seq: int = 0
    hash: str = ""


def chained(entry: Entry, previous: str) -> str:
    """Return the hash of an entry that follows one of hash ``previous``: SHA-256 over JSON, 64 hexadecimal digits."""
    what = (entry.actor, entry.action, entry.object, entry.before, entry.after, entry.request_id)
    line = json.dumps([previous, entry.seq, instant_text(entry.at), *what], separators=(",", ":"))
    return sha256(line.encode("ascii")).hexdigest()


def append(conn: Connection, entry: Entry) -> Entry:
    """Append an entry and return it with its number and hash.

    The one counter row stays locked until the commit, so that numbers have no gaps and every hash follows the last.
    """
    taken = update(counters).where(counters.c.name == COUNTER)
    seq: int = conn.execute(taken.values(value=counters.c.value + 1).returning(counters.c.value)).scalar_one()
    previous = conn.execute(select(audit_log.c.hash).where(audit_log.c.seq == seq - 1)).scalar() or START
    numbered = replace(entry, seq=seq)
    found = replace(numbered, hash=chained(numbered, previous))
    conn.execute(insert(audit_log).values(asdict(found)))
    return found


def newest_first(conn: Connection, *, before: int | None = None, limit: int = PAGE) -> list[Entry]:
    """Return the newest entries, with ``before`` those numbered below it, at most ``limit``."""
    chosen = select(audit_log).order_by(audit_log.c.seq.desc()).limit(limit)
    if before is not None:
        chosen = chosen.where(audit_log.c.seq < before)
    return [Entry(**row) for row in conn.execute(chosen).mappings()]


def every(conn: Connection) -> Iterator[Entry]:
    """Yield all entries in their order, a page at a time."""
    last = None
    while True:
        chosen = select(audit_log).order_by(audit_log.c.seq).limit(PAGE)
        later = chosen if last is None else chosen.where(audit_log.c.seq > last)
        page = [Entry(**row) for row in conn.execute(later).mappings()]
        yield from page
        if len(page) < PAGE:
            return
        last = page[-1].seq


def length(conn: Connection) -> int:
    """Return how many entries were ever appended."""
    counted: int | None = conn.execute(select(counters.c.value).where(counters.c.name == COUNTER)).scalar()
    return counted or 0
