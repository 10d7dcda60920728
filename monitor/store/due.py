"""What is due: windows and chores entered into the ledger, by any replica, any number of times."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select, update

from monitor.domain.window import Window
from monitor.store import model_counters
from monitor.store import runs as ledger
from monitor.store.claims import FRESH, REVISION
from monitor.store.conflict import chunks, insert
from monitor.store.tables import chores, models, runs

BATCH = 500


def enter(conn: Connection, model_id: int, windows: Iterable[Window], priority: int, now: datetime) -> int:
    """Enter windows as due, those known already left as they are; returns how many were new."""
    return _insert(conn, model_id, windows, {"status": "due", "priority": priority, "created_at": now})


def skip(conn: Connection, model_id: int, windows: Iterable[Window], now: datetime) -> int:
    """Enter windows as skipped by the catch-up policy, counted; those known already are left as they are."""
    row = {"status": "skipped", "cause": "catchup", "created_at": now, "finished_at": now}
    number = _insert(conn, model_id, windows, row)
    if number:
        model_counters.add(conn, model_id, "windows_skipped", number)
    return number


def enter_revision(conn: Connection, model_id: int, window: Window, revision: int, cause: str, now: datetime) -> bool:
    """Enter a later revision of a window as due; returns whether it was not there yet."""
    row = {"status": "due", "priority": REVISION, "revision": revision, "cause": cause, "created_at": now}
    return bool(_insert(conn, model_id, [window], row))


def advance(conn: Connection, model_id: int, until: datetime) -> None:
    """Remember up to where a model's windows stand in the ledger; never goes back."""
    further = or_(models.c.materialised_until.is_(None), models.c.materialised_until < until)
    conn.execute(update(models).where(models.c.id == model_id, further).values(materialised_until=until))


def begin(conn: Connection, model_id: int, grid_start: datetime) -> None:
    """Remember where a model's first window begins."""
    conn.execute(update(models).where(models.c.id == model_id).values(grid_start=grid_start))


def schedule(conn: Connection, model_id: int, kind: str, due_at: datetime, *, hurry: bool = True) -> None:
    """Give a model a chore, or have it earlier than it was; a later moment changes nothing.

    Without ``hurry`` one that it has already becomes earlier only if it failed the last time.
    """
    row = insert(conn, chores).values(model_id=model_id, kind=kind, due_at=due_at)
    late = chores.c.due_at > due_at
    late = late if hurry else and_(late, chores.c.error_state.is_not(None))
    conn.execute(row.on_conflict_do_update(index_elements=["model_id", "kind"], set_={"due_at": due_at}, where=late))


def again(conn: Connection, model_id: int, states: Collection[str]) -> int:
    """Make failed windows due again whose fault was one of these; returns how many."""
    failed = runs.c.model_id == model_id, runs.c.status == "failed", runs.c.error_state.in_(states)
    ledger.hold(conn, *failed)
    values = {"status": "due", "attempts": 0, "next_attempt_at": None}
    return len(conn.execute(update(runs).where(*failed).values(values).returning(runs.c.id)).all())


def pending(conn: Connection, model_id: int, start: datetime, until: datetime) -> datetime | None:
    """Return the end of the last window that waits for its first attempt and begins in [start, until); None if none."""
    waiting = runs.c.status == "due", runs.c.revision == 0, runs.c.next_attempt_at.is_(None)
    wanted = runs.c.model_id == model_id, *waiting
    ahead = select(runs.c.window_end).where(*wanted, runs.c.window_start >= start, runs.c.window_start < until)
    found: datetime | None = conn.execute(ahead.order_by(runs.c.window_start.desc()).limit(1)).scalar()
    return found


def overdue(conn: Connection, before: datetime) -> dict[int, list[Window]]:
    """Return, by model, the windows that came due before an instant, while a scheduler looked, and are not computed.

    A backlog is none: of that somebody knows who has just begun, or was away.
    """
    waiting = runs.c.status.in_(("due", "leased", "failed", "quarantined")), runs.c.revision == 0
    fresh = runs.c.priority == FRESH, runs.c.created_at < before
    chosen = select(runs.c.model_id, runs.c.window_start, runs.c.window_end).where(*waiting, *fresh)
    found: dict[int, list[Window]] = {}
    for row in conn.execute(chosen.order_by(runs.c.model_id, runs.c.window_end)):
        found.setdefault(row.model_id, []).append(Window(row.window_start, row.window_end))
    return found


def _insert(conn: Connection, model_id: int, windows: Iterable[Window], row: dict[str, object]) -> int:
    number = 0
    for chunk in chunks(windows, BATCH):
        rows = [{"model_id": model_id, "window_start": w.start, "window_end": w.end, **row} for w in chunk]
        made = insert(conn, runs).values(rows).on_conflict_do_nothing().returning(runs.c.id)
        number += len(conn.execute(made).all())
    return number
