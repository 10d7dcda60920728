"""How far the ledger of every model has come, in a few grouped queries however long it is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, and_, case, func, select, true, tuple_

from monitor.store import runs as ledger
from monitor.store.claims import FRESH
from monitor.store.conflict import chunks
from monitor.store.tables import runs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from monitor.store.runs import Run

AT_ONCE = 400  # models, two parameters each
OPEN = ("due", "leased", "failed", "quarantined", "skipped")  # all but done: these are few


@dataclass(frozen=True, slots=True)
class Progress:
    """One model's ledger: of each window the latest revision that is done, and what is not done.

    ``windows`` are done, ``provisional`` of them still wait for ground truth, ``rows`` lie in them; ``last`` is the
    newest of them, ``succeeded_at`` when one was done last. ``waiting`` counts what is not done by status: windows
    that were never done, ``revisions`` likewise those that are to be done again. ``settled_until`` is the end of the
    newest window that is done or skipped, ``oldest_due`` the end of the oldest one that is due or being computed,
    ``next_attempt_at`` the earliest moment at which one that failed is tried again.
    """

    windows: int = 0
    provisional: int = 0
    rows: int = 0
    last: Run | None = None
    succeeded_at: datetime | None = None
    waiting: Mapping[str, int] = field(default_factory=dict)
    revisions: Mapping[str, int] = field(default_factory=dict)
    settled_until: datetime | None = None
    oldest_due: datetime | None = None
    next_attempt_at: datetime | None = None


def every(conn: Connection, of: Collection[int] | None = None) -> dict[int, Progress]:
    """Return the progress of every model that has a ledger, by its number; only ``of`` some where they are named."""
    asked = true() if of is None else runs.c.model_id.in_(of)
    found = _done(conn, asked)
    for row in conn.execute(_open().where(asked)):
        found[row.model_id] = _with(found.get(row.model_id, Progress()), row)
    return found


def sizes(conn: Connection) -> dict[int, int]:
    """Return how many rows the ledger has of each model: windows of every status and every revision."""
    grouped = select(runs.c.model_id, func.count()).group_by(runs.c.model_id)
    return {model_id: number for model_id, number in conn.execute(grouped)}  # noqa: C416 - rows are no pairs to mypy


def backlog(conn: Connection) -> int:
    """Return how many windows are due that are not among the newest of their model."""
    waiting = runs.c.status == "due", runs.c.priority != FRESH
    return conn.execute(select(func.count()).select_from(runs).where(*waiting)).scalar_one()


def _done(conn: Connection, asked: ColumnElement[bool]) -> dict[int, Progress]:
    """Return what is done: all of it, less what a later revision has replaced, since few windows have one."""
    done = and_(asked, runs.c.status == "done")
    everything = conn.execute(_totals(done)).all()
    found = {row.model_id: _progress(row) for row in everything}
    later = runs.alias("later")
    same = [later.c[name] == runs.c[name] for name in ledger.KEY[:3]]
    beaten = select(runs.c.id).join(later, and_(*same, runs.c.revision < later.c.revision))
    beaten = beaten.where(later.c.revision > 0, later.c.status == "done", done)
    for row in conn.execute(_totals(runs.c.id.in_(beaten))):
        more, less = found[row.model_id], _progress(row)
        windows, rows = more.windows - less.windows, more.rows - less.rows
        found[row.model_id] = replace(more, windows=windows, rows=rows, provisional=more.provisional - less.provisional)
    at = tuple_(runs.c.model_id, runs.c.window_start)  # named one by one: a join would read the whole ledger
    for chunk in chunks(((row.model_id, row.newest) for row in everything), AT_ONCE):
        last = select(runs).where(at.in_(chunk), ledger.newest()).order_by(runs.c.window_end)
        for row in conn.execute(last):
            run = ledger.read_run(row)
            found[run.model_id] = replace(found[run.model_id], last=run, settled_until=run.window.end)
    return found


def _totals(wanted: ColumnElement[bool]) -> Select[Any]:
    grouped = select(
        runs.c.model_id,
        func.count().label("windows"),
        func.sum(runs.c.provisional.cast(Integer)).label("provisional"),
        func.sum(runs.c.rows).label("rows"),
        func.max(runs.c.finished_at).label("succeeded_at"),
        func.max(runs.c.window_start).label("newest"),
    )
    return grouped.where(wanted).group_by(runs.c.model_id)


def _progress(row: Row[Any]) -> Progress:
    return Progress(row.windows, row.provisional, int(row.rows or 0), succeeded_at=row.succeeded_at)


def _open() -> Select[Any]:
    again = case((runs.c.revision > 0, 1), else_=0).label("again")
    return (
        select(
            runs.c.model_id,
            runs.c.status,
            again,
            func.count().label("number"),
            func.min(runs.c.window_end).label("oldest"),
            func.max(runs.c.window_end).label("newest"),
            func.min(runs.c.next_attempt_at).label("next_attempt_at"),
        )
        .where(runs.c.status.in_(OPEN))
        .group_by(runs.c.model_id, runs.c.status, again)
    )


def _with(before: Progress, row: Row[Any]) -> Progress:
    """Add one group of windows that are not done."""
    if row.again:
        return replace(before, revisions={**before.revisions, row.status: row.number})
    found = replace(before, waiting={**before.waiting, row.status: row.number})
    if row.status == "skipped":
        found = replace(found, settled_until=_later(found.settled_until, row.newest))
    if row.status in ("due", "leased"):
        found = replace(found, oldest_due=_earlier(found.oldest_due, row.oldest))
    if row.status == "due":
        found = replace(found, next_attempt_at=row.next_attempt_at)
    return found


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at is not None), default=None)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at is not None), default=None)
