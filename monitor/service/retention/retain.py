"""Retaining: what is too old goes in small steps, the hours of old days become one; nobody waits long for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection

from monitor.config import ModelConfig, RetentionConfig
from monitor.failpoints import failpoint
from monitor.service.job import Guard
from monitor.service.retention.expired import Expired, expired
from monitor.service.retention.pushed import old_rows, remove_old_rows
from monitor.service.tiles.rollup import roll_up
from monitor.service.workbench import Workbench
from monitor.store import alert_expiry, clock, expiry, log_expiry, models, removal, settle
from monitor.store.conflict import chunks
from monitor.store.engine import Store
from monitor.store.expiry import TileRows
from monitor.store.lease import Lease, hold

Write = Callable[[Callable[[Connection], Any]], Any]
T = TypeVar("T")

DAYS_AT_ONCE = 400  # rolled up in one go: a worker has other work too
AGAIN = timedelta(days=1)


@dataclass(frozen=True)
class Retained:
    """What went, or would: ``days`` were rolled up, the rest was removed; ``left`` days wait for the next time.

    ``windows`` and ``revisions`` are runs, ``tiles`` counts of one hour or day for a version or segment; with
    ``incidents`` go their timelines and notices, ``notices`` are those that went alone. ``rows`` were pushed.
    """

    days: int = 0
    windows: int = 0
    revisions: int = 0
    measurements: int = 0
    tiles: int = 0
    changes: int = 0
    series: int = 0
    incidents: int = 0
    notices: int = 0
    rows: int = 0
    left: int = 0

    @property
    def removed(self) -> bool:
        """Whether anything was removed."""
        return any(getattr(self, f.name) for f in fields(self) if f.name not in {"days", "left"})

    def __add__(self, other: Retained) -> Retained:
        """Add what another call removed; what is left is what that one left."""
        sums = {f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        return Retained(**(sums | {"left": other.left}))


def retain(
    store: Store,
    retention: RetentionConfig,
    model_id: int,
    model: ModelConfig | None,
    now: datetime,
    guard: Guard = lambda _: None,
) -> Retained:
    """Remove and roll up what is too old of one model; may be stopped between any two steps and done again.

    Parameters
    ----------
    model : ModelConfig or None
        None for a model that is no longer monitored: its windows grow old too, its hours stay hours.
    guard : function
        Asked first in every transaction; raises when the work has become somebody else's.
    """
    found = expired(store, retention, model_id, model, now)

    def demand(conn: Connection) -> None:
        models.lock(conn, model_id)  # before anything of it, as everybody does: no two wait for each other
        guard(conn)

    write = partial(_transact, store, demand)
    if found.since is not None and found.windows:
        write(partial(removal.keep_since, model_id=model_id, since=found.since))
    windows, values = _runs(store, write, found.windows)
    revisions, more = _runs(store, write, found.revisions)
    changes = _changes(write, found.changes)
    tiles = _tiles(write, model_id, found)
    series = _series(store, write, model_id)
    incidents = _each(write, found.incidents, alert_expiry.remove_incidents)
    notices = _each(write, found.notices, alert_expiry.remove_notices)
    days = 0
    for day, fingerprints in islice(found.days.items(), DAYS_AT_ONCE):
        failpoint("rolling up")
        tiles += roll_up(store, model_id, day, fingerprints, demand)
        days += 1
    with store.read() as conn:
        pushed = old_rows(conn, retention, model_id, model, now)
    rows = remove_old_rows(pushed, write)
    sums = windows, revisions, values + more, tiles, changes, series, incidents, notices, rows
    return Retained(days, *sums, len(found.days) - days)


def foreseen(
    store: Store, retention: RetentionConfig, model_id: int, model: ModelConfig | None, now: datetime
) -> Retained:
    """Return what `retain` would do now, nothing is changed.

    Series are not counted, nor the pushed rows of days that are rolled up only now: they go the next time.
    """
    found = expired(store, retention, model_id, model, now)
    with store.read() as conn:
        going = found.windows + found.revisions
        values = sum(sum(expiry.sizes(conn, batch).values()) for batch in chunks(going, removal.NUMBERS_AT_ONCE))
        rows = sum(log_expiry.count(conn, old) for old in old_rows(conn, retention, model_id, model, now))
        rolled = sum(expiry.tile_rows(conn, model_id, day, named) for day, named in found.days.items())
    return Retained(
        len(found.days),
        len(found.windows),
        len(found.revisions),
        values,
        sum(tile.rows for tile in found.tiles) + rolled,
        len(found.changes),
        incidents=len(found.incidents),
        notices=len(found.notices),
        rows=rows,
    )


def retain_leased(bench: Workbench, lease: Lease) -> None:
    """Do it as a leased chore: every step only while the lease holds; again tomorrow, or at once when days are left."""
    with bench.store.read() as conn:
        now = clock.now(conn)
        stored = models.get(conn, lease.model_id)
    model = None if stored is None else bench.config.model(stored.name)
    guard = partial(hold, lease=lease)
    done = retain(bench.store, bench.config.retention, lease.model_id, model, now, guard)
    failpoint("retained")
    with bench.store.write() as conn:
        now = clock.now(conn)
        settle.finish_chore(conn, lease, now, now if done.left else now + AGAIN)


def _transact(store: Store, demand: Guard, step: Callable[[Connection], T]) -> T:
    failpoint("retaining")

    def demanded(conn: Connection) -> T:
        demand(conn)
        return step(conn)

    return store.transact(demanded)


def _runs(store: Store, write: Write, run_ids: Sequence[int]) -> tuple[int, int]:
    """Remove runs; returns how many, and how many measurements."""
    number = values = 0
    for chunk in chunks(run_ids, removal.NUMBERS_AT_ONCE):
        with store.read() as conn:
            batches = list(removal.run_batches(conn, chunk))
        for batch in batches:
            gone = write(partial(removal.remove_runs, run_ids=batch))
            number, values = number + gone.runs, values + gone.measurements
    return number, values


def _changes(write: Write, numbers: Sequence[int]) -> int:
    for batch in chunks(numbers, removal.NUMBERS_AT_ONCE):
        write(partial(removal.remove_changes, numbers=batch))
    return len(numbers)


def _tiles(write: Write, model_id: int, found: Expired) -> int:
    """Remove tiles, and with the last of them what the log held then where no bins have counts any more."""
    number = 0
    batches = list(removal.tile_batches(found.tiles))
    for batch in batches:
        number += write(partial(_remove_tiles, model_id, batch, batch is batches[-1]))
    return number


def _remove_tiles(model_id: int, batch: Sequence[TileRows], last: bool, conn: Connection) -> int:
    number = removal.remove_tiles(conn, model_id, batch)
    if last:
        removal.remove_facts(conn, model_id)
    return number


def _each(write: Write, numbers: Sequence[str], remove: Callable[[Connection, Sequence[str]], int]) -> int:
    number = 0
    for batch in chunks(numbers, removal.NUMBERS_AT_ONCE):
        number += write(partial(_called, remove, batch))
    return number


def _called(remove: Callable[[Connection, Sequence[str]], int], batch: Sequence[str], conn: Connection) -> int:
    return remove(conn, batch)


def _series(store: Store, write: Write, model_id: int) -> int:
    with store.read() as conn:
        unused = expiry.unused_series(conn, model_id)
    number = 0
    for batch in chunks(unused, removal.NUMBERS_AT_ONCE):
        number += write(partial(removal.remove_series, numbers=batch))
    return number
