"""Incidents by the page, the newest first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from sqlalchemy import select

from monitor.config import Config
from monitor.service.oncall.incidents import Seen, view
from monitor.service.view.page_of_windows import bound
from monitor.store import clock, incidents, models, silences
from monitor.store.alert_tables import incidents as table
from monitor.store.engine import Store

Which = Literal["open", "acknowledged", "resolved", "unresolved", "all"]


def page(
    config: Config,
    store: Store,
    *,
    sees: Callable[[str], bool],
    state: Which,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[Seen]:
    """Return incidents of the models that ``sees`` names, the newest first, those after a place in that order."""
    with store.read() as conn:
        now = clock.now(conn)
        numbers = [one.id for one in models.every(conn, retired=True) if sees(one.name)]
        chosen = select(table.c.id).where(table.c.model_id.in_(numbers))
        if state == "unresolved":
            chosen = chosen.where(table.c.state != "resolved")
        elif state != "all":
            chosen = chosen.where(table.c.state == state)
        if after is not None:
            at, number = after
            older = (table.c.opened_at < bound(at)) | ((table.c.opened_at == bound(at)) & (table.c.id > number))
            chosen = chosen.where(older)
        order = chosen.order_by(table.c.opened_at.desc(), table.c.id).limit(limit)
        found = incidents.of_numbers(conn, list(conn.execute(order).scalars()))
        hushed = silences.every(conn, after=now)
    return [view(config, one, hushed, now) for one in found]
