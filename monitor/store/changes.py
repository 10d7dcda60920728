"""The change feed: what was stored, numbered in the order of commits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from monitor.domain.window import Window
from monitor.store.tables import changes, counters

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Select

COUNTER = "changes"
REMOVED = "changes_removed"
NAMED_MODELS = 500  # more are not named in a query


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened to a model; ``seq`` is 0 until it is appended.

    ``kind`` is ``window``, ``revision`` or ``reference``: then ``window`` is the interval that is the reference from
    now on, None for a file, and ``revision`` the reference's version. What is not about a window names what it is about
    as ``subject``: of kind ``retraining.opened`` and the like a recommendation.
    """

    model_id: int
    kind: str
    created_at: datetime
    window: Window | None = None
    revision: int | None = None
    run_id: int | None = None
    seq: int = 0
    subject: str | None = None


def append(conn: Connection, found: Sequence[Change]) -> int:
    """Append changes, the last thing a transaction does; returns the number of the last one.

    The one counter row stays locked until the commit, so a reader that has seen a number has seen
    all smaller ones: a sequence would let number 7 appear after number 8.
    """
    taken = update(counters).where(counters.c.name == COUNTER)
    last: int = conn.execute(taken.values(value=counters.c.value + len(found)).returning(counters.c.value)).scalar_one()
    first = last - len(found) + 1
    if found:
        conn.execute(insert(changes), [_row(change, first + i) for i, change in enumerate(found)])
    return last


def removed_up_to(conn: Connection) -> int:
    """Return the highest number that was removed for its age: a reader with a smaller cursor has missed changes."""
    found = conn.execute(select(counters.c.value).where(counters.c.name == REMOVED)).scalar()
    return found or 0


def last(conn: Connection) -> int:
    """Return the number of the last change; one row is read."""
    found = conn.execute(select(counters.c.value).where(counters.c.name == COUNTER)).scalar()
    return found or 0


def since(conn: Connection, cursor: int, limit: int = 500) -> list[Change]:
    """Return the changes numbered above ``cursor``, in order, at most ``limit``."""
    return _read(conn, select(changes).where(changes.c.seq > cursor), limit)


def between(
    conn: Connection,
    after: int,
    upto: int,
    *,
    limit: int,
    model_ids: Collection[int] | None = None,
    kinds: Collection[str] | None = None,
) -> list[Change]:
    """Return the changes numbered above ``after`` and not above ``upto``, in order, of some models and kinds.

    Parameters
    ----------
    model_ids, kinds : collection, optional
        All of them when absent.
    """
    chosen = select(changes).where(changes.c.seq > after, changes.c.seq <= upto)
    if model_ids is not None and len(model_ids) <= NAMED_MODELS:
        chosen = chosen.where(changes.c.model_id.in_(model_ids))
    if kinds is not None:
        chosen = chosen.where(changes.c.kind.in_(kinds))
    if model_ids is None or len(model_ids) <= NAMED_MODELS:
        return _read(conn, chosen, limit)
    return [change for change in _read(conn, chosen) if change.model_id in model_ids][:limit]


def _read(conn: Connection, chosen: Select[Any], limit: int | None = None) -> list[Change]:
    return [
        Change(
            seq=row.seq,
            model_id=row.model_id,
            kind=row.kind,
            created_at=row.created_at,
            window=Window(row.window_start, row.window_end) if row.window_start else None,
            revision=row.revision,
            run_id=row.run_id,
            subject=row.subject,
        )
        for row in conn.execute(chosen.order_by(changes.c.seq).limit(limit))
    ]


def _row(change: Change, seq: int) -> dict[str, object]:
    return {
        "seq": seq, "model_id": change.model_id, "kind": change.kind,
        "window_start": change.window.start if change.window else None,
        "window_end": change.window.end if change.window else None,
        "revision": change.revision, "run_id": change.run_id, "created_at": change.created_at,
        "subject": change.subject,
    }  # fmt: skip
