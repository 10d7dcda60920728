"""The reference: frozen once into bins and counts, and put beside every window that is measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise

import pyarrow as pa
from sqlalchemy import Connection

from monitor.domain.model import Model
from monitor.domain.window import Window
from monitor.errors import LearningError, SourceError
from monitor.profile import bundle
from monitor.profile.build import Builder
from monitor.profile.freezer import freeze
from monitor.profile.late import with_late_truth
from monitor.profile.layout import Layout
from monitor.profile.profile import Profile
from monitor.profile.reading import Reading
from monitor.service.job import Job, reference_digest
from monitor.service.modelling import raw_columns
from monitor.service.reference.elsewhere import open_elsewhere
from monitor.service.reference.learning import note_learning
from monitor.service.tiles.blocks import Blocks, without
from monitor.service.tiles.observe import Slot, observe, profiles_of, summed
from monitor.store import references, tiles
from monitor.store.references import StoredReference

WHOLE: Slot = ("", "")
DAY = timedelta(days=1)


@dataclass(frozen=True, eq=False)
class Reference:
    """A frozen reference: its bins, its counts by version and segment, and the interval of the own log it stands for.

    ``interval`` is None for a file or another source. For a trailing reference ``profiles`` is empty: the counts trail.
    """

    stored: StoredReference
    layout: Layout
    profiles: Mapping[Slot, Profile]
    interval: Window | None
    trailing: bool

    def reading(self, slot: Slot) -> Reading:
        """Return the views of a slot's counts, kept since every window is put beside them."""
        if slot not in self._readings:
            nothing = Profile(self.layout.fingerprint, {})
            self._readings[slot] = Reading(self.layout, self.profiles.get(slot, nothing))
        return self._readings[slot]

    @cached_property
    def _readings(self) -> dict[Slot, Reading]:
        return {}

    @cached_property
    def blocks(self) -> Blocks:
        """Sums under its bins that one window leaves to the next."""
        return Blocks()

    def overlaps(self, window: Window) -> bool:
        """Tell whether a window holds rows of the reference itself."""
        return not self.trailing and self.interval is not None and window.overlaps(self.interval)


def resolve(job: Job) -> Reference:
    """Return the model's reference, frozen now if it was not before.

    Raises
    ------
    LearningError
        The rows it is to be made of are not all there yet.
    SourceError
        It cannot be read or has no rows.
    """
    digest = reference_digest(job.config)
    with job.store.read() as conn:
        stored = references.latest(conn, job.model_id, digest)
    if stored is None:
        stored = _freeze(job, digest)
    return standing(job, stored)


def standing(job: Job, stored: StoredReference) -> Reference:
    """Return a stored reference ready to be put beside windows, its ground truth as it is known now."""
    layout = Layout.from_bytes(stored.layout)
    layout = replace(layout, model=_current(job, layout))
    interval = Window(stored.start, stored.end) if stored.start and stored.end else None
    trailing = stored.kind == "trailing"
    profiles: Mapping[Slot, Profile] = {} if trailing else bundle.from_bytes(stored.profile)
    if interval is not None and not trailing:
        observe(job, layout, interval.start, interval.end)  # what changed was counted under other bins only
        profiles = _with_late_truth(job, layout, interval, profiles)
    return Reference(stored, layout, profiles, interval, trailing)


def earliest(job: Job, begin: datetime) -> datetime:
    """Return where counting begins so that a window beginning there has what trails it, and what trails its day."""
    spec, trails = job.config.reference, trail(job, begin)
    if spec is None or spec.last is None or spec.lag is None or trails is None:
        return begin
    return max(min(begin, job.grid_start), min(trails.start, begin - spec.lag - spec.last))


def trail(job: Job, begin: datetime) -> Window | None:
    """Return what trails the local day of a window that begins then, as far as there is anything; None if nothing does.

    Whole days are counted by the local calendar, so that every hour of the week is in it equally often whatever the
    clocks do, and all windows of a day share it.
    """
    spec = job.config.reference
    if spec is None or spec.last is None or spec.lag is None:
        return None
    end = _before(job, job.calendar.days_after(begin, 0), spec.lag)
    start = max(job.grid_start, _before(job, end, spec.last))
    return Window(start, end) if start < end else None


def _before(job: Job, instant: datetime, length: timedelta) -> datetime:
    """Return the instant so long before one; where both are whole days, as many days of the calendar."""
    whole = not length % DAY and instant == job.calendar.days_after(instant, 0)
    return job.calendar.days_after(instant, -(length // DAY)) if whole else instant - length


def trailing_profiles(job: Job, reference: Reference, window: Window) -> dict[Slot, Profile] | None:
    """Return the counts that trail a window; None while they would reach back before the first window."""
    spec = job.config.reference
    if spec is None or spec.last is None or spec.lag is None:
        return None
    end = window.start - spec.lag
    start = end - spec.last
    if start < job.grid_start:
        return None
    with job.store.read() as conn:
        return summed(reference.blocks.pieces(conn, job, reference.layout, Window(start, end), reference=True))


def period_profiles(job: Job, layout: Layout, period: Window) -> dict[Slot, Profile]:
    """Return the counts of an interval of the own log by version and segment, tiles inside ``exclude`` left out."""
    bounds = job.calendar.tiles(period.start, period.end)
    with job.store.read() as conn:
        stored = tiles.load_many(conn, job.model_id, layout.fingerprint, bounds[0], bounds[-1])
        pieces = profiles_of(without(stored, job.excluded))
    return summed(pieces)


def _current(job: Job, layout: Layout) -> Model:
    """Keep the columns as they were frozen, take what moves no count from the configuration of today."""
    model = job.model
    return replace(
        layout.model, name=model.name, min_group_size=model.min_group_size, reference_group=model.reference_group
    )


def _freeze(job: Job, digest: str) -> StoredReference:
    spec = job.config.reference
    form = "first" if spec is None else spec.form
    if form in ("path", "source"):
        return _freeze_elsewhere(job, digest, form)
    period = _period(job, form)
    if period.end + job.config.delay > job.now:
        note_learning(job)
        raise LearningError(
            f"model {job.model.name!r} has no reference before {period.end:%Y-%m-%d %H:%M} UTC",
            hint="wait until then, or give the model a reference that lies in the past",
        )
    layout = bins_of(job, period)
    if layout is None:
        raise SourceError(
            f"the reference of model {job.model.name!r} has no rows: {period.start:%Y-%m-%d} to {period.end:%Y-%m-%d}",
            hint="choose a reference period that has rows",
            state="unreadable",
        )
    observe(job, layout, period.start, period.end)
    profiles = period_profiles(job, layout, period)
    return _put_in_force(job, digest, form, layout, profiles, period)


def bins_of(job: Job, period: Window) -> Layout | None:
    """Return the bins that the rows of an interval of the own log give; None when it has none."""
    job.progress("freezing the reference", 0, 1)
    layout = freeze(job.model, kept(job, period))
    return layout if any(len(b.mass) and b.mass.sum() for b in layout.bins.values()) else None


def _period(job: Job, form: str) -> Window:
    spec = job.config.reference
    if form == "period" and spec is not None and spec.start and spec.end:
        return Window(spec.start, spec.end)
    if form == "trailing" and spec is not None and spec.last:
        return Window(job.grid_start, job.grid_start + spec.last)
    return Window(job.grid_start, job.learned_at)


def kept(job: Job, period: Window) -> Iterator[pa.RecordBatch]:
    """Read the rows of a period, those in excluded intervals left out tile by tile as they are when counted."""
    bounds = job.calendar.tiles(period.start, period.end)
    start: datetime | None = None
    for begin, end in pairwise(bounds):
        if any(Window(begin, end).overlaps(x) for x in job.excluded):
            if start is not None:
                yield from job.source.scan(start, begin)
            start = None
        else:
            start = start or begin
    if start is not None:
        yield from job.source.scan(start, bounds[-1])


def _freeze_elsewhere(job: Job, digest: str, form: str) -> StoredReference:
    """Freeze a reference that is a file or a source of its own."""
    job.progress("freezing the reference", 0, 1)
    spec = job.config.reference
    bounds = (spec.start, spec.end) if spec is not None else (None, None)
    source = open_elsewhere(job.config, raw_columns(job.model), job.folder)
    try:
        layout = freeze(job.model, source.scan(*bounds))
        builder = Builder(layout)
        for batch in source.scan(*bounds):
            builder.add(batch)
    finally:
        source.close()
    profiles = {(p.version, p.segment): profile for p, profile in builder.finish().items()}
    if WHOLE not in profiles:
        raise SourceError(
            f"the reference of model {job.model.name!r} has no rows", hint="check the file or source that it names"
        )
    return _put_in_force(job, digest, form, layout, profiles, None)


def _put_in_force(
    job: Job, digest: str, form: str, layout: Layout, profiles: Mapping[Slot, Profile], period: Window | None
) -> StoredReference:
    """Store a reference, unless another process has frozen or promoted one while this one was reading: that one is."""

    def first(conn: Connection) -> StoredReference:
        there = references.latest(conn, job.model_id, digest)
        return there or enter(conn, job, digest, form, layout, profiles, period)

    return job.transact(first, ledger=True)


def enter(
    conn: Connection,
    job: Job,
    digest: str,
    form: str,
    layout: Layout,
    profiles: Mapping[Slot, Profile],
    period: Window | None,
) -> StoredReference:
    """Store frozen bins and counts as the model's next reference; the same again gives the one that is there."""
    whole = profiles.get(WHOLE)
    return references.save(
        conn,
        job.model_id,
        spec_digest=digest,
        fingerprint=layout.fingerprint,
        kind=form,
        rows=0 if whole is None else Reading(layout, whole).rows.rows,
        layout=layout.to_bytes(),
        profile=bundle.to_bytes(profiles),
        now=job.now,
        start=period.start if period else None,
        end=period.end if period else None,
    )


def _with_late_truth(
    job: Job, layout: Layout, interval: Window, frozen: Mapping[Slot, Profile]
) -> Mapping[Slot, Profile]:
    """Put ground truth that came since beside feature counts that stay as they were frozen."""
    now = period_profiles(job, layout, interval)
    return {slot: with_late_truth(layout, profile, now.get(slot, profile)) for slot, profile in frozen.items()}
