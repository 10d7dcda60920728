"""Status: how far every model is, how late, and what stands in its way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor.config import Config, ModelConfig
from monitor.domain.calendar import Calendar
from monitor.domain.delay_curve import DelayCurve
from monitor.domain.measurement import Measurement
from monitor.service.health import WELL
from monitor.service.job import DAYS_TO_LEARN
from monitor.service.key_metric import key_metric
from monitor.service.status.model import Fault, State, Status
from monitor.service.status.without_value import reason_without
from monitor.service.tiles import log_extent
from monitor.service.tiles.delay_curve import known_curve
from monitor.service.windows.catch_up import PUNCTUAL
from monitor.store import breakers, model_counters, models, progress, runs, troubles
from monitor.store.breakers import Breaker
from monitor.store.engine import Store
from monitor.store.models import StoredModel
from monitor.store.newest import newest_values
from monitor.store.progress import Progress

GIVEN_UP = ("failed", "quarantined")
MOST_CURVES = 10  # each takes a look at three months of tiles


@dataclass(frozen=True)
class Seen:
    """What the store knows of all models; of some their progress and the newest value of their key metric."""

    models: Mapping[str, StoredModel]
    progress: Mapping[int, Progress]
    breakers: Mapping[str, Breaker]
    counters: Mapping[int, Mapping[str, int]]
    chores: Mapping[int, tuple[troubles.Trouble, ...]]
    values: Mapping[int, Measurement]

    @classmethod
    def by(cls, conn: Connection, chosen: list[ModelConfig]) -> Seen:
        """Read it, the newest values of the chosen models."""
        known = {stored.name: stored for stored in models.every(conn, retired=True)}
        wanted = {known[one.name].id: (one.name, key_metric(one)) for one in chosen if one.name in known}
        ledger, sources = progress.every(conn, wanted), breakers.every(conn)
        counters, chores = model_counters.every(conn), troubles.every(conn)
        return cls(known, ledger, sources, counters, chores, newest_values(conn, wanted))


def status(
    config: Config, store: Store, chosen: list[ModelConfig], now: datetime, *, ask: bool = True, curves: bool = True
) -> list[Status]:
    """Return the status of the chosen models at an instant.

    Parameters
    ----------
    ask : bool
        Whether a log may be asked what the store cannot tell: whether it has ended, or how much there is to learn from.
    curves : bool
        Whether to say how late ground truth comes, and why a key metric has no value, of a few models at most: that
        takes a look at months of tiles.
    """
    with store.read() as conn:
        seen = Seen.by(conn, chosen)
        found = [_status(seen, model, conn, now) for model in chosen]
        if curves and len(chosen) <= MOST_CURVES:
            found = [replace(one, label_delay=_curve(conn, seen, model, one, now), key_reason=_reason(conn, seen, one))
                     for one, model in zip(found, chosen, strict=True)]  # fmt: skip
    if not ask:
        return found
    return [_asked(config, seen, model, one, now) for model, one in zip(chosen, found, strict=True)]


def _status(seen: Seen, model: ModelConfig, conn: Connection, now: datetime) -> Status:
    metric, stored = key_metric(model), seen.models.get(model.name)
    if stored is None:
        return Status(model.name, model.task, "new", key_metric=metric)
    so_far = seen.progress.get(stored.id, Progress())
    failing = stored.source_state not in WELL
    expected = _expected(model, so_far)
    lateness = _lateness(stored, expected, now)
    learning = None if so_far.windows or failing else _learning(model, stored, now)
    started = so_far.windows or so_far.waiting
    state: State = "late" if lateness and started else "ok" if so_far.windows else "new"
    return Status(
        model.name,
        model.task,
        "failing" if failing else "learning" if learning else state,
        zone=model.window_timezone,
        windows=so_far.windows,
        provisional=so_far.provisional,
        rows=so_far.rows if so_far.windows else stored.rows_seen or 0,
        last=so_far.last.window if so_far.last else None,
        revision=so_far.last.revision if so_far.last else None,
        done_at=so_far.succeeded_at,
        lateness=lateness,
        expected_at=expected,
        waiting=so_far.waiting,
        revisions=so_far.revisions,
        oldest_due=so_far.oldest_due,
        next_attempt_at=so_far.next_attempt_at,
        faults=tuple(_faults(seen, stored, so_far, conn)),
        late_rows=seen.counters.get(stored.id, {}).get("late_after_close", 0),
        key_metric=metric,
        key=seen.values.get(stored.id),
        learning_until=learning,
        source_state=stored.source_state,
        source_error=stored.source_error,
        source_since=stored.source_since if stored.source_state not in (None, "ok") else None,
        source_checked_at=stored.source_checked_at,
        source_retry_at=_retry_at(seen, stored, now),
    )


def _retry_at(seen: Seen, stored: StoredModel, now: datetime) -> datetime | None:
    breaker = seen.breakers.get(stored.source_key or "")
    at = breaker.retry_at if breaker else None
    return at if at is not None and at > now else None


def _expected(model: ModelConfig, so_far: Progress) -> datetime | None:
    """Return when the window after the newest one comes due; None before the first."""
    if so_far.settled_until is None:
        return None
    return Calendar(model.window_timezone, model.window).window_at(so_far.settled_until).end + model.delay


def _lateness(stored: StoredModel, expected: datetime | None, now: datetime) -> timedelta | None:
    """Return for how long the next window has been due; None when it is not, or has just come due."""
    if expected is None:
        return None
    punctual = PUNCTUAL if stored.materialised_until is not None else timedelta(0)
    return now - expected if now - expected > punctual else None


def _learning(model: ModelConfig, stored: StoredModel, now: datetime) -> datetime | None:
    """Return until when a model without a reference learns, as far as the store knows."""
    if model.reference is not None or stored.grid_start is None or stored.rows_seen is None:
        return None
    until = Calendar(model.window_timezone, model.window).days_after(stored.grid_start, DAYS_TO_LEARN)
    return until if now < until + model.delay else None


def _faults(seen: Seen, stored: StoredModel, so_far: Progress, conn: Connection) -> Iterator[Fault]:
    """Yield why the newest window of each kind was given up, then what of the model's chores goes wrong."""
    for given_up in GIVEN_UP:
        if so_far.waiting.get(given_up) or so_far.revisions.get(given_up):
            [run] = runs.history(conn, stored.id, statuses=(given_up,), limit=1)
            yield Fault(given_up, run.error_state, run.error, run.window)
    for chore in seen.chores.get(stored.id, ()):
        if chore.state != stored.source_state:
            yield Fault(chore.kind, chore.state, chore.error)


def _curve(conn: Connection, seen: Seen, model: ModelConfig, one: Status, now: datetime) -> DelayCurve | None:
    stored = seen.models.get(model.name)
    block = model.source
    if stored is None or one.last is None or not (block.ground_truth or block.predictions.target):
        return None
    return known_curve(conn, stored.id, min(now, one.last.end), model.ground_truth_horizon)


def _reason(conn: Connection, seen: Seen, one: Status) -> str | None:
    stored = seen.models.get(one.model)
    if stored is None or one.key is not None or one.key_metric is None or one.last is None:
        return None
    return reason_without(conn, stored, one.key_metric)


def _asked(config: Config, seen: Seen, model: ModelConfig, one: Status, now: datetime) -> Status:
    """Complete a status by what only the log knows; a log that cannot be read leaves it as it is."""
    stored = seen.models.get(model.name)
    if stored is None or one.last is None:
        if one.state != "new" or stored is None or model.reference is not None or stored.rows_seen is not None:
            return one
        found = log_extent.to_learn_from(config, model)
        if found is None or found[0] + model.delay <= now:
            return one
        return replace(one, state="learning", learning_until=found[0], rows=found[1])
    if one.state != "late" or stored.materialised_until is not None or not _may_have_ended(seen, model, stored):
        return one
    ended = log_extent.ended(config, model, one.last)
    return one if ended is None else replace(one, state="ended", ended_at=ended, lateness=None)


def _may_have_ended(seen: Seen, model: ModelConfig, stored: StoredModel) -> bool:
    """Tell whether the newest window leaves open that `run` has nothing left to do: rows in it say no."""
    last = seen.progress[stored.id].last
    if last is None or not last.outcome.rows:
        return True
    coming = Calendar(model.window_timezone, model.window).window_at(last.window.end)
    return coming.end > last.window.start + model.catchup_window
