"""``/audit-log``: who changed what; for administrators."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from monitor.api.asking import Here, allowed
from monitor.api.paging import Cursor, Limit, Page, decode, encode
from monitor.service.access.audit import flat
from monitor.store import audit

router = APIRouter()


class Entry(BaseModel):
    """One thing that somebody did."""

    seq: int
    at: datetime
    actor: str
    action: str
    object: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    request_id: str | None
    hash: str = Field(description="SHA-256 over this entry and the hash of the one before.")


@router.get("/audit-log", dependencies=[allowed("admin")])
def audit_log(here: Here, cursor: Cursor = None, limit: Limit = 100) -> Page[Entry]:
    """List what was done, the newest first; `monitor audit verify` proves that nobody rewrote it."""
    before = decode("audit-log", cursor, int)
    with here.store.read() as conn:
        found = audit.newest_first(conn, before=before[0] if before else None, limit=limit + 1)
    items = [Entry(**flat(entry)) for entry in found[:limit]]
    return Page(items=items, next_cursor=encode("audit-log", items[-1].seq) if len(found) > limit else None)
