"""Promoting: a past interval of the log becomes the reference for the windows to come; going back; the history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection

from monitor.config import Config, ModelConfig
from monitor.domain.calendar import Calendar
from monitor.domain.principal import LOCAL, Principal
from monitor.domain.window import Window
from monitor.errors import UsageError
from monitor.profile.build import Builder, Place
from monitor.profile.layout import Layout
from monitor.profile.profile import Profile
from monitor.profile.reading import Reading
from monitor.profile.rows import Rows
from monitor.service import asked
from monitor.service.access import audit
from monitor.service.apply import apply
from monitor.service.job import Job, Progress, open_job, reference_digest
from monitor.service.measuring.revise import mature
from monitor.service.record import instant_or_none
from monitor.service.reference.reference import WHOLE, bins_of, enter, kept, period_profiles
from monitor.service.tiles.delay_curve import final_share
from monitor.service.tiles.observe import observe
from monitor.store import changes, models, references
from monitor.store.engine import Store
from monitor.store.references import StoredReference, Version

KIND = "promoted"
SMALL = 1_000
_SLACK = timedelta(days=35)  # room for the next window of any kind of grid


@dataclass(frozen=True)
class Promoted:
    """What promoting did, or would do when ``version`` is None: the reference that is in force now.

    ``period`` is None when going back to a reference that is a file. ``changed`` is False when the very same reference
    was in force already.
    """

    model: str
    period: Window | None
    rows: int
    labelled: int | None = None
    version: int | None = None
    restores: int | None = None
    changed: bool = False
    remarks: tuple[str, ...] = ()

    def record(self) -> dict[str, Any]:
        """Return it flat, for machines."""
        return {
            "model": self.model,
            "version": self.version,
            "start": instant_or_none(self.period.start if self.period else None),
            "end": instant_or_none(self.period.end if self.period else None),
            "rows": self.rows,
            "labelled": self.labelled,
            "restores": self.restores,
            "changed": self.changed,
            "remarks": list(self.remarks),
        }


@dataclass(frozen=True)
class Standing:
    """One reference in a model's history; ``in_force`` marks the one that windows are measured against now."""

    model: str
    version: Version
    in_force: bool
    zone: str = "UTC"

    def record(self) -> dict[str, Any]:
        """Return it flat, for machines."""
        return {
            "model": self.model,
            "version": self.version.version,
            "kind": self.version.kind,
            "start": instant_or_none(self.version.start),
            "end": instant_or_none(self.version.end),
            "rows": self.version.rows,
            "since": instant_or_none(self.version.created_at),
            "restores": self.version.restores,
            "in_force": self.in_force,
            "fingerprint": self.version.fingerprint,
        }


def promote(
    config: Config,
    store: Store,
    model: str,
    period: Window,
    now: datetime,
    *,
    dry: bool = False,
    progress: Progress = lambda *_: None,
    by: Principal = LOCAL,
) -> Promoted:
    """Make a past interval of a model's log its reference: new bins, new counts, a new version.

    Windows measured from now on are compared with it; what was measured stays. It is in force until the next one, a
    step back, or another ``reference:`` in the configuration. The same interval again changes nothing.

    Parameters
    ----------
    period : Window
        Whole tiles, over since at least the model's ``delay``.
    dry : bool
        Whether to look only: nothing is stored.
    by : Principal
        Who does it, as the audit log names him.

    Raises
    ------
    UsageError
        There is no such model, or the interval cannot be a reference: it is not over, is not made of whole tiles, lies
        in ``exclude``, or has no rows.
    SourceError
        The log cannot be read.
    """
    [chosen] = asked.models(config, [model])
    apply(config, store, now, by=by)
    job = open_job(chosen, config, store, now, progress)
    if job is None:
        raise UsageError(f"the log of model {model!r} has no rows yet", "promote once there are some")
    try:
        _refuse(job, period)
        layout = bins_of(job, period)
        if layout is None:
            raise UsageError(f"{_named(period)} has no rows", _extent(job))
        return _looked(job, layout, period) if dry else _promoted(job, layout, period, by)
    finally:
        job.source.close()


def undo(config: Config, store: Store, model: str, now: datetime, *, by: Principal = LOCAL) -> Promoted:
    """Bring back the reference that was in force before the present one, as a new version.

    Raises
    ------
    UsageError
        There is no such model, or nothing before the present reference.
    """
    [chosen] = asked.models(config, [model])

    def restore(conn: Connection) -> StoredReference:
        known = models.find(conn, model)
        found = references.history(conn, known.id, reference_digest(chosen)) if known else []
        before = references.before(found)
        if known is None or before is None:
            raise UsageError(f"model {model!r} has no reference before the present one", "`monitor promote --list`")
        restored = references.restore(conn, known.id, before, now)
        _tell(conn, by, model, restored)
        return restored

    stored = store.transact(restore)
    return Promoted(model, _period(stored), stored.rows, None, stored.version, stored.restores, changed=True)


def history(store: Store, chosen: list[ModelConfig]) -> Iterator[Standing]:
    """Yield every reference of the chosen models, newest first."""
    with store.read() as conn:
        for model in chosen:
            known = models.find(conn, model.name)
            found = references.history(conn, known.id) if known else []
            digest = reference_digest(model)
            current = max((one.version for one in found if one.spec_digest == digest), default=None)
            for one in reversed(found):
                yield Standing(model.name, one, one.version == current, model.window_timezone)


def window_from(model: ModelConfig, start: datetime) -> Window:
    """Return the window of a model's grid that begins at an instant.

    Raises
    ------
    UsageError
        None begins there.
    """
    calendar = Calendar(model.window_timezone, model.window)
    until = start + timedelta(hours=model.window.size.hours) + _SLACK
    found = [window for window in calendar.windows(start, until) if window.start >= start]
    exact = [window for window in found if window.start == start]
    if not exact:
        raise UsageError(
            f"no window of model {model.name!r} begins at {start:%Y-%m-%dT%H:%M}Z",
            f"the next one begins at {found[0].start:%Y-%m-%dT%H:%M}Z" if found else None,
        )
    return exact[0]


def _promoted(job: Job, layout: Layout, period: Window, by: Principal) -> Promoted:
    observe(job, layout, period.start, period.end)
    profiles = period_profiles(job, layout, period)
    digest = reference_digest(job.config)

    def put_in_force(conn: Connection) -> tuple[StoredReference, bool]:
        before = references.latest(conn, job.model_id, digest)
        entered = enter(conn, job, digest, KIND, layout, profiles, period)
        new = before is None or before.id != entered.id
        if new:
            _tell(conn, by, job.model.name, entered)
        return entered, new

    stored, changed = job.transact(put_in_force, ledger=True)
    return replace(_looked_at(job, layout, period, profiles[WHOLE]), version=stored.version, changed=changed)


def _looked(job: Job, layout: Layout, period: Window) -> Promoted:
    """Say what promoting would give, from one more look at the rows."""
    builder = Builder(layout)
    for batch in kept(job, period):
        builder.add(batch)
    return _looked_at(job, layout, period, builder.finish()[Place(0)])


def _looked_at(job: Job, layout: Layout, period: Window, whole: Profile) -> Promoted:
    rows = Reading(layout, whole).rows
    remarks = tuple(_remarks(job, period, rows))
    return Promoted(job.model.name, period, rows.rows, rows.labelled if rows.has_target else None, remarks=remarks)


def _remarks(job: Job, period: Window, rows: Rows) -> Iterator[str]:
    if rows.rows < SMALL:
        yield f"{rows.rows} rows are few: chance alone will look like drift more often; {SMALL} or more are better"
    coverage = rows.labelled / rows.rows if rows.has_target else 1.0
    if not mature(coverage, final_share(job)) and period.end + job.closes_after > job.now:
        yield f"{coverage:.0%} of its rows have their ground truth yet; performance is compared as it comes"
    if any(period.overlaps(other) for other in job.excluded):
        yield "excluded intervals in it are left out"


def _refuse(job: Job, period: Window) -> None:
    """Refuse an interval that cannot be a reference."""
    if period.end + job.config.delay > job.now:
        wait = f" and its delay of {job.config.delay}" if job.config.delay else ""
        raise UsageError(f"{_named(period)} is not over yet", f"choose one whose end{wait} has passed, or wait")
    bounds = job.calendar.tiles(period.start, period.end)
    if (bounds[0], bounds[-1]) != (period.start, period.end):
        known = f"{bounds[0]:%Y-%m-%dT%H:%M}Z to {bounds[-1]:%Y-%m-%dT%H:%M}Z"
        raise UsageError(f"{_named(period)} is not made of whole hours in {job.calendar.zone}", f"choose {known}")
    tiles = (Window(a, b) for a, b in pairwise(bounds))
    if all(any(tile.overlaps(other) for other in job.excluded) for tile in tiles):
        hint = "choose another interval, or take it out of `exclude:`"
        raise UsageError(f"{_named(period)} lies wholly in intervals that are excluded", hint)


def _tell(conn: Connection, by: Principal, model: str, stored: StoredReference) -> None:
    """Let those who follow the change feed know which reference is in force now, and the audit log who made it so."""
    period = _period(stored)
    facts = {
        "version": stored.version,
        "restores": stored.restores,
        "start": instant_or_none(period.start if period else None),
        "end": instant_or_none(period.end if period else None),
        "rows": stored.rows,
    }
    action = "reference.promote" if stored.restores is None else "reference.restore"
    audit.record(conn, by, action, f"model {model}", None, facts)
    told = changes.Change(stored.model_id, "reference", stored.created_at, _period(stored), stored.version)
    changes.append(conn, [told])


def _period(stored: StoredReference) -> Window | None:
    return Window(stored.start, stored.end) if stored.start and stored.end else None


def _named(period: Window) -> str:
    return f"the interval {period.start:%Y-%m-%dT%H:%M}Z to {period.end:%Y-%m-%dT%H:%M}Z"


def _extent(job: Job) -> str:
    return f"the log has rows from {job.first:%Y-%m-%d %H:%M} to {job.last:%Y-%m-%d %H:%M} UTC"
