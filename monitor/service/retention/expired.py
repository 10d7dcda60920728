"""Expired: what of a model's stored past is older than the operator wants to keep, and what must stay all the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor.config import ModelConfig, RetentionConfig
from monitor.domain.calendar import Calendar
from monitor.domain.window import Window
from monitor.service.job import reference_digest
from monitor.service.tiles.rollup import whole_days
from monitor.store import alert_expiry, expiry, references, runs
from monitor.store.engine import Store
from monitor.store.expiry import TileRows

_DAY = timedelta(days=1, hours=1)  # a local day is no longer
_SLACK = timedelta(days=2)  # a month may be longer than 30 days, a day longer than 24 hours
_NOTHING = timedelta(0)


@dataclass(frozen=True)
class Expired:
    """What may go: windows that ended by ``since`` as runs, tiles, days to be rolled up, revisions, changes.

    And ``incidents`` that were over by then, and ``notices`` that are settled as long as changes.
    """

    since: datetime | None
    windows: list[int]
    revisions: list[int]
    changes: list[int]
    tiles: list[TileRows]
    days: dict[Window, list[str]]
    incidents: list[str]
    notices: list[str]


def expired(
    store: Store, retention: RetentionConfig, model_id: int, model: ModelConfig | None, now: datetime
) -> Expired:
    """Return what is too old; ``model`` is None for one that is no longer monitored: its hours stay."""
    settled = _NOTHING if model is None else settled_after(model)
    since = _cutoff(now, retention.measurements, settled)
    with store.read() as conn:
        windows = expiry.windows(conn, model_id, since) if since else []
        replaced = _cutoff(now, retention.revisions)
        revisions = expiry.superseded(conn, model_id, replaced) if replaced else []
        seen = _cutoff(now, retention.changes)
        changes = expiry.change_numbers(conn, model_id, seen) if seen else []
        tiles = _tiles(conn, retention, model_id, model, now)
        incidents = alert_expiry.old_incidents(conn, model_id, since) if since else []
        notices = alert_expiry.old_notices(conn, model_id, seen) if seen else []
    days = {} if model is None else _days(store, retention, model_id, model, now)
    gone = {(tile.fingerprint, tile.start) for tile in tiles}
    left = {day: [f for f in named if (f, day.start) not in gone] for day, named in days.items()}
    taken = set(windows)
    return Expired(
        since,
        windows,
        [run for run in revisions if run not in taken],
        changes,
        tiles,
        {day: named for day, named in left.items() if named},
        incidents,
        notices,
    )


def settled_after(model: ModelConfig) -> timedelta:
    """Return the age at which nothing can change a window any more, nor a trailing reference reach back to it."""
    return model.ground_truth_horizon + model.catchup_window + _size(model) + sum(_trail(model), _NOTHING)


def _size(model: ModelConfig) -> timedelta:
    return timedelta(hours=model.window.size.hours) + _SLACK


def _trail(model: ModelConfig) -> tuple[timedelta, timedelta]:
    """Return how long a trailing reference is, and a day more where its season is learned day by day, and its lag."""
    spec = model.reference
    if spec is None or spec.last is None or spec.lag is None:
        return _NOTHING, _NOTHING
    return spec.last + _DAY, spec.lag


def _cutoff(now: datetime, age: timedelta | None, least: timedelta = _NOTHING) -> datetime | None:
    return None if age is None else now - max(age, least)


def _tiles(
    conn: Connection, retention: RetentionConfig, model_id: int, model: ModelConfig | None, now: datetime
) -> list[TileRows]:
    """Return the tiles whose windows are gone, but for those of references in force, and those under disused bins."""
    latest = [references.latest(conn, model_id)]
    if model is not None:
        latest.append(references.latest(conn, model_id, reference_digest(model)))
    in_force = [one for one in latest if one is not None]
    kept = [Window(one.start, one.end) for one in in_force if one.start and one.end]
    reach = _NOTHING if model is None else _size(model) + sum(_trail(model), _NOTHING)
    before = _cutoff(now, retention.measurements, _NOTHING if model is None else settled_after(model))
    found = expiry.old_tiles(conn, model_id, before - reach, kept) if before else []
    unused = _cutoff(now, retention.hourly_counts, _NOTHING if model is None else settled_after(model))
    if unused is not None:
        found += expiry.disused_tiles(conn, model_id, unused, {one.fingerprint for one in in_force})
    return list(dict.fromkeys(found))


def _days(
    store: Store, retention: RetentionConfig, model_id: int, model: ModelConfig, now: datetime
) -> dict[Window, list[str]]:
    """Return the days whose hours nothing needs apart any more."""
    until = _cutoff(now, retention.hourly_counts, settled_after(model))
    with store.read() as conn:
        last = runs.last(conn, model_id)
        if until is None or last is None:
            return {}
        until = min(until, last.window.start - sum(_trail(model), _NOTHING))
        needed = [Window(p.start, p.end) for p in model.exclude]
        needed += [Window(r.start, r.end) for r in references.history(conn, model_id) if r.start and r.end]
        needed += _ordinary(conn, model_id, model)
        for window in expiry.unsettled(conn, model_id, until):
            needed += _needed(model, window)
    return whole_days(store, model_id, Calendar(model.window_timezone, model.window), until, needed)


def _ordinary(conn: Connection, model_id: int, model: ModelConfig) -> list[Window]:
    """Return the windows of the reference in force: rules learn from each of them what is usual."""
    current = references.latest(conn, model_id, reference_digest(model))
    if current is None or not current.start or not current.end:
        return []
    return list(Calendar(model.window_timezone, model.window).windows(current.start, current.end))


def _needed(model: ModelConfig, window: Window) -> list[Window]:
    """Return the intervals whose tiles measuring a window takes."""
    length, lag = _trail(model)
    behind = [Window(window.start - lag - length, window.start - lag)] if length else []
    return [window, *behind]
