"""Changes: what happened to models, in the order of commits, as a caller may see it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from monitor.service.record import instant, instant_or_none
from monitor.store import changes, models
from monitor.store.changes import Change
from monitor.store.engine import Store

SPAN = 2_000  # numbers in one query
MOST_SPANS = 10


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
    """Some changes, and up to which number everything was looked through; ``more`` when that is not all there is."""

    items: tuple[Happened, ...]
    upto: int
    more: bool = False


def newest(store: Store) -> int:
    """Return the number of the last change; one row is read."""
    with store.read() as conn:
        return changes.last(conn)


def changes_since(
    store: Store, after: int, *, sees: Callable[[str], bool], kinds: Collection[str] | None, limit: int
) -> Told | None:
    """Return the changes after a number that a caller may see; None when some of those were removed for their age.

    From the very beginning on, 0, whatever is left is told. A feed in which little is his is looked through in
    pieces, 20,000 numbers at a time.
    """
    with store.read() as conn:
        if 0 < after < changes.removed_up_to(conn):
            return None
        last, names = changes.last(conn), {one.id: one.name for one in models.every(conn, retired=True)}
        mine = {number for number, name in names.items() if sees(name)}
        chosen = None if len(mine) == len(names) else mine
        upto, found = after, list[Happened]()
        for _ in range(MOST_SPANS):
            room, end = limit - len(found), min(upto + SPAN, last)
            if not room or end <= upto:
                break
            some = changes.between(conn, upto, end, limit=room, model_ids=chosen, kinds=kinds)
            found += [Happened(names[change.model_id], change) for change in some]
            upto = some[-1].seq if len(some) == room else end
    return Told(tuple(found), upto, upto < last)
