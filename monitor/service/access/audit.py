"""The audit log: who changed what, written in the transaction that changes it, and proof that nobody rewrote it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from monitor.domain.principal import Principal
from monitor.errors import UsageError
from monitor.service.record import instant
from monitor.source.scrub import scrub
from monitor.store import audit, clock
from monitor.store.audit import Entry
from monitor.store.engine import Store

LONGEST = 4000
LONGEST_NAME = 400

Facts = Mapping[str, Any]


def record(
    conn: Connection,
    principal: Principal,
    action: str,
    object: str,  # noqa: A002 - the word of the log
    before: Facts | None = None,
    after: Facts | None = None,
    request_id: str | None = None,
) -> Entry:
    """Append to the audit log, in the transaction that does what it tells of.

    One of the last things in a transaction, and before the change feed's numbers are taken where both are written: each
    has a counter that stays locked until the commit.

    Parameters
    ----------
    action : str
        What was done, as ``key.create``, ``incident.ack``: at most 60 characters.
    object : str
        What it was done to, as ``key 4f2a91c0``, ``model fraud``.
    before, after : mapping, optional
        Of JSON values: what changed about the object. Never a secret; passwords in URLs are masked all the same. Facts
        of more than 4000 characters are written shortened.
    request_id : str, optional
        Of the request that asked for it; None for the command line.
    """
    entry = Entry(
        clock.now(conn), principal.name[:LONGEST_NAME], action, object[:LONGEST_NAME], _text(before), _text(after),
        request_id and request_id[:LONGEST_NAME],
    )  # fmt: skip
    return audit.append(conn, entry)


def _text(facts: Facts | None) -> str | None:
    if facts is None:
        return None
    text = json.dumps(_scrubbed(dict(facts)), sort_keys=True, default=str, ensure_ascii=False)
    return text if len(text) <= LONGEST else json.dumps({"shortened": text[: LONGEST - 200]}, ensure_ascii=False)


def _scrubbed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _scrubbed(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_scrubbed(item) for item in value]
    return scrub(value) if isinstance(value, str) else value


def flat(entry: Entry) -> dict[str, Any]:
    """Return an entry as a record for machines."""
    return {
        "seq": entry.seq,
        "at": instant(entry.at),
        "actor": entry.actor,
        "action": entry.action,
        "object": entry.object,
        "before": entry.before and json.loads(entry.before),
        "after": entry.after and json.loads(entry.after),
        "request_id": entry.request_id,
        "hash": entry.hash,
    }


def exported(store: Store) -> Iterator[dict[str, Any]]:
    """Yield the whole log as records, the oldest first."""
    with store.read() as conn:
        for entry in audit.every(conn):
            yield flat(entry)


@dataclass(frozen=True)
class Proof:
    """What a walk along the chain showed.

    ``broken_at`` is the number of the first entry that is missing or is not as it was written; None when all are.
    ``head`` is the hash of the last entry: noted elsewhere, it proves later that none before it was changed since.
    """

    entries: int
    head: str
    broken_at: int | None = None


def verify(store: Store, head: tuple[int, str] | None = None) -> Proof:
    """Walk along the chain and compare every entry with its hash, and their number with the counter.

    Parameters
    ----------
    head : (int, str), optional
        Number and hash of an entry, noted at an earlier time: whoever rewrites the whole chain cannot keep it.
    """
    with store.read() as conn:
        counted, seq, previous = audit.length(conn), 0, audit.START
        for entry in audit.every(conn):
            seq += 1
            noted = head is None or head[0] != seq or head[1] == entry.hash
            if entry.seq != seq or audit.chained(entry, previous) != entry.hash or not noted:
                return Proof(counted, previous, seq)
            previous = entry.hash
    whole = seq == counted and (head is None or head[0] <= seq)
    return Proof(counted, previous, None if whole else min(seq, counted) + 1)


def parsed_head(text: str) -> tuple[int, str]:
    """Return number and hash of what ``verify`` printed.

    Raises
    ------
    UsageError
        It is not that.
    """
    number, _, found = text.strip().partition(":")
    if not number.isascii() or not number.isdigit() or len(found) != len(audit.START):
        raise UsageError(f"{text[:80]!r} is not what `monitor audit verify` prints behind `head`", "write N:HASH")
    return int(number), found
