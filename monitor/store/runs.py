"""The ledger of windows: what was computed, when, from which rows, and what failed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, or_, select, update

from monitor.domain.window import Window
from monitor.store import clock
from monitor.store.conflict import chunks, insert
from monitor.store.tables import runs

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, FromClause, Row, Select

KEY = ("model_id", "window_start", "window_end", "revision")
SETTLED = ("done", "leased")
_NAMED = ("id", "model_id", "revision", "status")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a finished run rests on and found.

    ``digest`` names the rows read, in any order; ``coverage`` is the share of rows that have their
    ground truth, 0 to 1, ``expected`` the share that the delay curve said will have it in the end;
    ``late`` counts the rows that were late by then, ``closed`` tells that the horizon was over;
    ``cause`` says why a later revision was made.
    """

    config_version_id: int | None = None
    reference_id: int | None = None
    digest: str | None = None
    rows: int | None = None
    labelled: int | None = None
    coverage: float | None = None
    provisional: bool = False
    in_reference: bool = False
    cause: str | None = None
    late: int = 0
    expected: float | None = None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """One revision of one window of one model, whatever became of it."""

    id: int
    model_id: int
    window: Window
    revision: int
    status: str
    outcome: Outcome
    owner: str | None
    lease_until: datetime | None
    fence: int
    attempts: int
    deaths: int
    next_attempt_at: datetime | None
    error_state: str | None
    error: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    priority: int = 0


def insert_done(
    conn: Connection,
    model_id: int,
    window: Window,
    revision: int,
    outcome: Outcome,
    *,
    now: datetime,
    started_at: datetime | None = None,
) -> int | None:
    """Enter a window as done; None when it is done already, or leased by a worker.

    Of many that try at once exactly one gets the number of the run. A window that was only due, had
    failed, or whose lease has expired, is taken over.
    """
    row = {**asdict(outcome), "status": "done", "finished_at": now, "started_at": started_at}
    cleared = dict.fromkeys(("error_state", "error", "next_attempt_at", "owner", "lease_until"))
    return _enter(conn, model_id, window, revision, row | cleared, now)


def insert_failed(
    conn: Connection,
    model_id: int,
    window: Window,
    revision: int,
    *,
    state: str,
    error: str,
    now: datetime,
    next_attempt_at: datetime | None = None,
) -> int | None:
    """Enter a window as failed, its attempts counted; None when it is done already, or leased."""
    row = {"status": "failed", "error_state": state, "error": error, "finished_at": now}
    row |= {"next_attempt_at": next_attempt_at, "attempts": 1}
    return _enter(conn, model_id, window, revision, row, now, attempts=runs.c.attempts + 1)


def latest(
    conn: Connection,
    model_id: int,
    start: datetime | None = None,
    end: datetime | None = None,
    *,
    as_of: datetime | None = None,
) -> list[Run]:
    """Return the newest done revision of each window that begins in [start, end), oldest first.

    With ``as_of`` as the ledger stood at that instant.
    """
    return _fetch(conn, between(start, end).where(runs.c.model_id == model_id, newest(as_of)))


def unclosed(conn: Connection, model_id: int) -> list[Run]:
    """Return the newest done revision of each window that may still be revised, oldest first."""
    return _fetch(conn, between(None, None).where(runs.c.model_id == model_id, runs.c.closed.is_(False), newest()))


def last(conn: Connection, model_id: int) -> Run | None:
    """Return the newest revision of the last window done; None before the first."""
    done = select(runs).where(runs.c.model_id == model_id, runs.c.status == "done")
    order = (runs.c.window_start.desc(), runs.c.window_end.desc(), runs.c.revision.desc())
    return next(iter(_fetch(conn, done.order_by(*order).limit(1))), None)


def history(
    conn: Connection,
    model_id: int | None = None,
    *,
    statuses: Collection[str] = (),
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int | None = None,
    as_of: datetime | None = None,
) -> list[Run]:
    """Return every revision of the windows that begin in [start, end), newest window first.

    With ``as_of`` those that were done at that instant.
    """
    chosen = between(start, end)
    if as_of is not None:
        chosen = chosen.where(_done(runs, as_of))
    if model_id is not None:
        chosen = chosen.where(runs.c.model_id == model_id)
    if statuses:
        chosen = chosen.where(runs.c.status.in_(statuses))
    newest_first = (runs.c.window_start.desc(), runs.c.model_id, runs.c.revision.desc())
    return _fetch(conn, chosen.order_by(None).order_by(*newest_first, runs.c.id).limit(limit))


def caused(conn: Connection, model_id: int, window: Window, cause: str) -> int:
    """Return how many revisions of a window were made for one cause."""
    same = (runs.c.model_id == model_id, runs.c.window_start == window.start, runs.c.window_end == window.end)
    return conn.execute(select(func.count()).select_from(runs).where(*same, runs.c.cause == cause)).scalar_one()


def get(conn: Connection, run_id: int) -> Run | None:
    """Return the run with this number; None when there is none."""
    return next(iter(_fetch(conn, select(runs).where(runs.c.id == run_id))), None)


def hold(conn: Connection, *chosen: ColumnElement[bool]) -> None:
    """Lock runs until the transaction ends, the oldest window first: who holds some waits for no older ones."""
    order = (runs.c.window_start, runs.c.window_end, runs.c.revision)
    conn.execute(select(runs.c.id).where(*chosen).order_by(*order).with_for_update(key_share=True)).all()


def close(conn: Connection, run_ids: Collection[int]) -> None:
    """Enter runs as what stays: the horizon of their windows is over, and nothing has changed since."""
    for chunk in chunks(run_ids, 500):
        conn.execute(update(runs).where(runs.c.id.in_(chunk)).values(closed=True))


def tally(conn: Connection) -> dict[int, dict[str, int]]:
    """Return the number of runs by model and status."""
    counts: dict[int, dict[str, int]] = {}
    grouped = select(runs.c.model_id, runs.c.status, func.count()).group_by(runs.c.model_id, runs.c.status)
    for model_id, status, number in conn.execute(grouped):
        counts.setdefault(model_id, {})[status] = number
    return counts


def behind(conn: Connection) -> list[int]:
    """Return the models that have windows due which nobody has computed yet."""
    waiting = select(runs.c.model_id).where(runs.c.status.in_(("due", "leased")), runs.c.revision == 0)
    return list(conn.execute(waiting.distinct()).scalars())


def between(start: datetime | None, end: datetime | None) -> Select[Any]:
    """Return the query of the runs whose window begins in [start, end), oldest window first."""
    chosen = select(runs).order_by(runs.c.window_start, runs.c.window_end, runs.c.revision)
    if start is not None:
        chosen = chosen.where(runs.c.window_start >= start)
    return chosen if end is None else chosen.where(runs.c.window_start < end)


def done(as_of: datetime | None = None) -> ColumnElement[bool]:
    """Return the condition that a run is done, at ``as_of`` if given."""
    return _done(runs, as_of)


def newest(as_of: datetime | None = None) -> ColumnElement[bool]:
    """Return the condition that a run is done and no later revision of its window is."""
    later = runs.alias("later")
    same = [later.c[name] == runs.c[name] for name in KEY[:3]]
    beaten = exists().where(*same, later.c.revision > runs.c.revision, _done(later, as_of))
    return and_(_done(runs, as_of), ~beaten)


def read_run(row: Row[Any]) -> Run:
    """Return the run of one row of the table."""
    named, within, found, rest = _places(row._fields)
    number, model_id, revision, status = named(row)
    return Run(number, model_id, Window(*within(row)), revision, status, Outcome(*found(row)), *rest(row))


@cache
def _places(names: tuple[str, ...]) -> tuple[Callable[[Row[Any]], tuple[Any, ...]], ...]:
    """Return what takes a run's parts out of a row: by place, as a page of a model reads thousands of them."""
    rest = (name for name in Run.__slots__ if name not in (*_NAMED, "window", "outcome"))
    parts = (_NAMED, ("window_start", "window_end"), Outcome.__slots__, rest)
    return tuple(itemgetter(*map(names.index, part)) for part in parts)


def _done(table: FromClause, as_of: datetime | None) -> ColumnElement[bool]:
    finished = table.c.status == "done"
    return finished if as_of is None else and_(finished, table.c.finished_at <= as_of)


def _enter(
    conn: Connection,
    model_id: int,
    window: Window,
    revision: int,
    row: dict[str, Any],
    now: datetime,
    **computed: ColumnElement[Any],
) -> int | None:
    key = dict(zip(KEY, (model_id, window.start, window.end, revision), strict=True))
    expired = and_(runs.c.status == "leased", runs.c.lease_until <= clock.now(conn))
    entered = (
        insert(conn, runs)
        .values(**key, **row, created_at=now)
        .on_conflict_do_update(
            index_elements=list(KEY), set_=row | computed, where=or_(runs.c.status.not_in(SETTLED), expired)
        )
        .returning(runs.c.id)
    )
    found: int | None = conn.execute(entered).scalar()
    return found


def _fetch(conn: Connection, chosen: Select[Any]) -> list[Run]:
    return [read_run(row) for row in conn.execute(chosen)]
