"""Changes: what happened to models, in the order of commits, as a caller may see it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from monitor.service.record import instant, instant_or_none
from monitor.store import changes, models
from monitor.store.changes import Change
from monitor.store.engine import Store
from monitor.store.tables import counters

LOOKED_THROUGH = 2_000


@dataclass(frozen=True, slots=True)
class Happened:
    """One change with its model's name."""

    model: str
    change: Change

    def record(self) -> dict[str, Any]:
        """Return it flat, for machines."""
        change = self.change
        return {
            "seq": change.seq,
            "model": self.model,
            "type": change.kind,
            "window_start": instant_or_none(change.window.start if change.window else None),
            "window_end": instant_or_none(change.window.end if change.window else None),
            "revision": change.revision,
            "subject": change.subject,
            "at": instant(change.created_at),
        }


@dataclass(frozen=True, slots=True)
class Told:
    """Some changes, and up to which number everything was looked through."""

    items: tuple[Happened, ...]
    upto: int


def newest(store: Store) -> int:
    """Return the number of the last change; one row is read."""
    with store.read() as conn:
        found = conn.execute(select(counters.c.value).where(counters.c.name == changes.COUNTER)).scalar()
    return found or 0


def changes_since(
    store: Store, after: int, *, sees: Callable[[str], bool], kinds: Collection[str] | None, limit: int
) -> Told | None:
    """Return the changes after a number that a caller may see; None when some of those were removed for their age.

    From the very beginning on, 0, whatever is left is told.
    """
    with store.read() as conn:
        if 0 < after < changes.removed_up_to(conn):
            return None
        names = {one.id: one.name for one in models.every(conn, retired=True)}
        upto, found = after, list[Happened]()
        while len(found) < limit:
            batch = changes.since(conn, upto, LOOKED_THROUGH)
            for change in batch:
                upto = change.seq
                name = names.get(change.model_id, "")
                if sees(name) and (kinds is None or change.kind in kinds):
                    found.append(Happened(name, change))
                    if len(found) == limit:
                        break
            if len(batch) < LOOKED_THROUGH:
                break
    return Told(tuple(found), upto)
