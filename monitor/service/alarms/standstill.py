"""Standstill: windows that are due and not computed, because a log cannot be read or nobody does the work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor.alerts.fingerprint import fingerprint
from monitor.alerts.fold import fold
from monitor.alerts.instance import Instance
from monitor.alerts.step import close
from monitor.config import ModelConfig
from monitor.domain.calendar import Calendar
from monitor.domain.verdict import Verdict
from monitor.domain.window import Window
from monitor.errors import ConfigError, MonitorError, SourceError, UsageError
from monitor.rules.nodata import Kind, judge_overdue, judge_source
from monitor.rules.situation import Situation
from monitor.service.alarms.movement import move, pause_of
from monitor.service.health import WELL
from monitor.store import due, incidents, instances, models, runs
from monitor.store.engine import Store
from monitor.store.models import StoredModel

GRACE = timedelta(minutes=25)  # ten for a window to be taken up, fifteen for it to be computed
BACK = 48  # windows looked back through
_MICROSECOND = timedelta(microseconds=1)
SCHEMA = frozenset({"missing_column", "wrong_type"})
STILL: tuple[Kind, ...] = ("source_error", "schema_changed", "overdue")

Found = Mapping[Kind, Sequence[Verdict]]


def look(store: Store, chosen: Mapping[int, ModelConfig], now: datetime, *, settled: bool = True) -> int:
    """Enter what stands still now, and end what does not any more; any replica may, any number of times.

    Parameters
    ----------
    settled : bool
        False in the first minutes of a process: then nothing new is said, only ended.

    Returns
    -------
    int
        How many instances moved.
    """
    with store.read() as conn:
        late, told = due.overdue(conn, now - GRACE), incidents.missing_data(conn)
        pending = []
        for stored in models.every(conn):
            config = chosen.get(stored.id)
            ill = stored.source_state not in WELL
            if config is None or not (ill or stored.id in late or stored.id in told):
                continue
            found = _found(conn, stored, config, late.get(stored.id, ()), now)
            if _moved(conn, stored.id, config, found, settled=settled):
                pending.append((stored.id, config, found))
    return sum(enter(store, model_id, config, found, now, settled=settled) for model_id, config, found in pending)


def after(store: Store, config: ModelConfig, error: MonitorError | None, now: datetime) -> int:
    """Enter how a run of a model ended: what is due by the run's clock and could not be computed stands still."""
    if isinstance(error, ConfigError | UsageError):
        return 0
    with store.read() as conn:
        stored = models.find(conn, config.name)
        if stored is None:
            return 0
        waiting = _waiting(conn, stored, config, now) if error else []
    found: dict[Kind, list[Verdict]] = {}
    if isinstance(error, SourceError):
        found = _unread(config, error.state, str(error), waiting)
    elif error is not None:
        found = {"overdue": [_overdue(config, window, now) for window in waiting]}
    return enter(store, stored.id, config, found, now)


def enter(
    store: Store, model_id: int, config: ModelConfig, found: Found, now: datetime, *, settled: bool = True
) -> int:
    """Step the model's instances and save them; returns how many moved."""

    def step(conn: Connection) -> int:
        models.lock(conn, model_id)
        moved = _moved(conn, model_id, config, found, settled=settled)
        if moved:
            calendar = Calendar(config.window_timezone, config.window)
            move(conn, model_id, moved, now, pause_of(config, calendar, now))
        return len(moved)

    return store.transact(step)


def _moved(conn: Connection, model_id: int, config: ModelConfig, found: Found, *, settled: bool) -> list[Instance]:
    """Return the instances that are otherwise now: what stands still steps on, what does no more is over."""
    known = instances.some(conn, model_id, _names(config))
    moved = []
    for kind, name in zip(STILL, _names(config), strict=True):
        before = known.get(name) or Instance(config.name, kind, {"kind": kind})
        new = [v for v in found.get(kind, ()) if before.last is None or v.window.end > before.last.end]
        if new and settled:
            moved.append(fold(_afresh(before, new[0].window), new).instance)
        elif kind not in found and before.phase != "inactive":
            moved.append(close(before, "recovered")[0])
    return moved


def _afresh(before: Instance, window: Window) -> Instance:
    """Return the instance without what it had only begun to fear, if windows in between were computed."""
    gap = before.phase == "pending" and before.last is not None and before.last.end < window.start
    return close(before, "recovered")[0] if gap else before


def _names(config: ModelConfig) -> list[str]:
    return [fingerprint(config.name, kind, {"kind": kind}) for kind in STILL]


def _found(
    conn: Connection, stored: StoredModel, config: ModelConfig, late: Sequence[Window], now: datetime
) -> dict[Kind, list[Verdict]]:
    """Return what stands still by what the store knows: while the log cannot be read nothing else is overdue."""
    if stored.source_state not in (*WELL, "failed"):
        waiting = _waiting(conn, stored, config, now)
        return _unread(config, stored.source_state or "", stored.source_error or "", waiting)
    return {"overdue": [_overdue(config, window, now) for window in late[-BACK:]]} if late else {}


def _unread(config: ModelConfig, state: str, error: str, waiting: Sequence[Window]) -> dict[Kind, list[Verdict]]:
    kind: Kind = "schema_changed" if state in SCHEMA else "source_error"
    fault = error.partition("\n")[0] or state
    windows = config.no_data_for
    return {kind: [judge_source(_situation(config, window), fault, windows, kind=kind) for window in waiting]}


def _overdue(config: ModelConfig, window: Window, now: datetime) -> Verdict:
    ends = window.end + config.delay
    late = max(now, ends + _MICROSECOND)
    return judge_overdue(_situation(config, window), ends, late, computed=False, windows=config.no_data_for)


def _situation(config: ModelConfig, window: Window) -> Situation:
    excluded = any(window.overlaps(Window(one.start, one.end)) for one in config.exclude)
    return Situation(config.name, window, silent="excluded" if excluded else None)


def _waiting(conn: Connection, stored: StoredModel, config: ModelConfig, now: datetime) -> list[Window]:
    """Return the last windows that are due after the newest one computed; after the model's own beginning at most."""
    calendar = Calendar(config.window_timezone, config.window)
    done, until = runs.last(conn, stored.id), now - config.delay
    since = done.window.end if done else stored.grid_start or stored.created_at
    since = max(since, until - BACK * timedelta(hours=config.window.every.hours))
    return [window for window in calendar.windows(since, until) if window.end > since]
