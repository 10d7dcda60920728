"""Materialising: windows that came due are entered into the ledger, from the calendar alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from operator import itemgetter

from sqlalchemy import Connection

from monitor.config import ModelConfig
from monitor.domain.calendar import Calendar
from monitor.service.windows.catch_up import Plan, plan
from monitor.store import due, models
from monitor.store.claims import BACKLOG, FRESH
from monitor.store.engine import Store


@dataclass(frozen=True)
class Entered:
    """How many windows a tick made due, and how many it left out."""

    due: int = 0
    skipped: int = 0


def materialise(store: Store, chosen: Mapping[int, ModelConfig], now: datetime) -> Entered:
    """Enter every window that has come due since the last time; any replica may, any number of times.

    Models whose log was not looked at yet have no windows. Nothing is asked of any source. A model that another process
    is storing something of is left to the next time: one that hangs holds up nobody else's windows.

    Parameters
    ----------
    chosen : mapping of int to ModelConfig
        The models by their number in the store.
    """
    with store.read() as conn:
        known = {stored.id: stored for stored in models.every(conn)}
    plans = {}
    for model_id, config in chosen.items():
        stored = known.get(model_id)
        if stored is not None and stored.materialised_until is not None:
            found = came_due(config, stored.materialised_until, now)
            if found.fresh or found.skipped:
                plans[model_id] = found
    if not plans:
        return Entered()
    entered = store.transact(partial(_enter_free, plans, now))
    return Entered(sum(one.due for one in entered), sum(one.skipped for one in entered))


def _enter_free(plans: Mapping[int, Plan], now: datetime, conn: Connection) -> list[Entered]:
    chosen = sorted(plans.items(), key=itemgetter(0))
    return [enter(conn, model_id, found, now) for model_id, found in chosen if models.lock_at_once(conn, model_id)]


def came_due(config: ModelConfig, since: datetime, now: datetime) -> Plan:
    """Return the windows of a model's grid that end after ``since`` and are due at ``now``."""
    calendar = Calendar(config.window_timezone, config.window)
    windows = list(calendar.windows(since, now - config.delay))
    return plan(windows, now, delay=config.delay, policy=config.catchup, reach=config.catchup_window)


def enter(conn: Connection, model_id: int, found: Plan, now: datetime) -> Entered:
    """Enter a plan into the ledger; what is there already stays as it is."""
    models.lock(conn, model_id)  # before its windows: another process may be about to enter the same ones
    number = due.enter(conn, model_id, found.fresh, FRESH, now) + due.enter(conn, model_id, found.backlog, BACKLOG, now)
    skipped = due.skip(conn, model_id, found.skipped, now)
    every = (*found.fresh, *found.backlog, *found.skipped)
    if every:
        due.advance(conn, model_id, max(window.end for window in every))
    return Entered(number, skipped)
