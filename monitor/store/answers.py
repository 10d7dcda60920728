"""Answers: stored in the transaction that did what was asked, so that asking again does it only once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from sqlalchemy import Connection, delete, insert, select, text

from monitor.store.answer_tables import answers

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to a request, which ``request`` is the digest of."""

    request: str
    status: int
    headers: Mapping[str, str]
    body: str


def taken(conn: Connection, caller: str, key: str) -> bool:
    """Take hold of a caller's key until the transaction ends; returns whether somebody else holds it.

    On SQLite nobody can: there one transaction writes at a time.
    """
    if conn.dialect.name == "sqlite":
        return False
    number = int.from_bytes(blake2b(f"{caller}\0{key}".encode("utf-8", "replace"), digest_size=8).digest(), "big")
    held = conn.execute(text("SELECT pg_try_advisory_xact_lock(:n)"), {"n": number - 2**63}).scalar()
    return not held


def find(conn: Connection, caller: str, key: str, now: datetime) -> Answer | None:
    """Return what was answered to a caller's key within the last 24 hours; None when nothing was."""
    chosen = select(answers).where(answers.c.caller == caller, answers.c.key == key, answers.c.created_at > now - KEPT)
    row = conn.execute(chosen).first()
    return None if row is None else Answer(row.request, row.status, json.loads(row.headers), row.body)


def save(conn: Connection, caller: str, key: str, found: Answer, now: datetime) -> None:
    """Keep an answer for 24 hours; those that are older go."""
    conn.execute(delete(answers).where(answers.c.created_at <= now - KEPT))
    row = {"caller": caller, "key": key, "request": found.request, "status": found.status, "body": found.body}
    conn.execute(insert(answers).values(**row, headers=json.dumps(dict(found.headers)), created_at=now))
