"""The watch: a model's rules and what they rest on, kept from window to window, and what they say of each."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor.domain.window import Window
from monitor.profile.profile import Profile
from monitor.profile.reading import Reading
from monitor.rules.budget import Levels
from monitor.rules.defaults import rules_of
from monitor.rules.drift import needs_values
from monitor.rules.life import Life
from monitor.rules.measured import Before
from monitor.rules.rule import Rule
from monitor.rules.scales import summed, summed_windows
from monitor.rules.season import ALL
from monitor.rules.select import Attributes
from monitor.rules.sides import Sides
from monitor.service.job import Job
from monitor.service.key_metric import key_metric
from monitor.service.reference import ordinary
from monitor.service.reference.reference import WHOLE, Reference, trail, trailing_profiles
from monitor.service.reference.volume import Volume
from monitor.service.tiles.observe import Slot, profiles_of
from monitor.service.tiles.observe import summed as added
from monitor.store import tiles
from monitor.store.witness import stamps, witness

KEPT = 64  # windows whose counts are kept: the longest sum and those before it that had no rows
BACK = 48  # windows looked back through for those to add up

Views = Mapping[Slot, Reading]
Counted = tuple[tuple[datetime, ...], Mapping[Slot, Profile]]


@dataclass(eq=False)
class Watch:
    """A model's rules against one reference, and the counts of the windows looked at last."""

    reference: Reference
    rules: tuple[Rule, ...]
    levels: Levels
    known: Attributes
    views: dict[Window, tuple[object, Views]] = field(default_factory=dict)
    lives: dict[Slot, tuple[object, Life]] = field(default_factory=dict)
    befores: dict[str, Before] = field(default_factory=dict)
    volume: Volume | None = None
    kept: int = KEPT

    @classmethod
    def of(cls, job: Job, reference: Reference) -> Watch:
        """Set up the rules of a model against a reference."""
        config, spec = job.config, job.calendar.spec
        step = timedelta(hours=spec.every.hours)
        overlap = max(1, round(spec.size.hours / spec.every.hours))
        rules = rules_of(config.rules, config.task, key_metric(config))
        known = Attributes(job.model.groups, job.model.segments)
        return cls(reference, rules, Levels.of(config.false_alarm_budget, step, overlap), known)


@dataclass(frozen=True, eq=False)
class Basis:
    """What verdicts on a window rest on, whatever the limits: both sides of every column, and what was before.

    ``learning`` there is nothing yet to put the window beside; ``begins`` is where sums begin, by their scale.
    """

    learning: bool
    sides: tuple[Sides, ...]
    before: Before
    begins: Mapping[int, datetime]


def basis(watch: Watch, job: Job, window: Window, counted: Counted | None = None) -> Basis:
    """Return what verdicts on a window rest on.

    ``counted`` are its counts and when its tiles were counted, if they have been read already.
    """
    beside = _beside(watch, job, window)
    with job.store.read() as conn:
        past = Past.of(watch, job, conn, window)
        if counted is not None:
            past.keep(window, counted)
        sides = tuple(_sides(watch, past, window, beside)) if beside is not None else ()
        return Basis(beside is None, sides, _before(watch, past, beside or {}), past.begins)


def _beside(watch: Watch, job: Job, window: Window) -> Views | None:
    """Return the reference's counts by version and segment; None while a trailing one does not reach back enough."""
    reference = watch.reference
    if not reference.trailing:
        return {slot: reference.reading(slot) for slot in {WHOLE, *reference.profiles}}
    profiles = trailing_profiles(job, reference, window)
    return None if profiles is None else _readings(reference, profiles)


@dataclass(frozen=True, eq=False)
class Past:
    """What can be looked at of the windows before one: the store as it is, and when each tile was counted.

    ``begins`` is where the sums of several windows begin, by their scale.
    """

    watch: Watch
    job: Job
    conn: Connection
    starts: Sequence[datetime]
    stamps: Sequence[datetime]
    days: Sequence[tuple[datetime, datetime]]
    begins: dict[int, datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, watch: Watch, job: Job, conn: Connection, window: Window) -> Past:
        """Look once at when the tiles of so many windows back were counted."""
        return cls.since(watch, job, conn, Window(window.start - BACK * _step(job), window.end))

    @classmethod
    def since(cls, watch: Watch, job: Job, conn: Connection, span: Window) -> Past:
        """Look once at when the tiles of an interval were counted."""
        found = stamps(conn, job.model_id, span.start, span.end)
        days = tiles.days(conn, job.model_id, watch.reference.layout.fingerprint, span.start, span.end)
        return cls(watch, job, conn, list(found), list(found.values()), days)

    def whole(self, window: Window) -> bool:
        """Tell whether a window cuts no day whose hours were rolled up."""
        return not any(a < edge < b for a, b in self.days for edge in (window.start, window.end))

    def seen(self, window: Window) -> tuple[datetime, ...]:
        """Return when each tile of a window was counted, oldest tile first."""
        return tuple(self.stamps[bisect_left(self.starts, window.start) : bisect_left(self.starts, window.end)])

    def keep(self, window: Window, counted: Counted) -> None:
        """Keep counts that somebody has read just now, unless the tiles were counted again since."""
        at, profiles = counted
        if at == self.seen(window):
            self.watch.views[window] = at, _readings(self.watch.reference, profiles)

    def view(self, window: Window) -> Views:
        """Return a window's counts by version and segment, kept while its tiles stay as they are."""
        seen = self.seen(window)
        views = self.watch.views
        kept = views.pop(window, None)
        if kept is None or kept[0] != seen:
            kept = seen, _counted(self.watch.reference, self.job, self.conn, window)
        views[window] = kept
        while len(views) > self.watch.kept:
            del views[next(iter(views))]
        return kept[1]

    def windows(self, window: Window, scale: int) -> list[Window] | None:
        """Return the windows to add up on a scale: the last with rows, after the reference, outside ``exclude``."""
        interval = None if self.watch.reference.trailing else self.watch.reference.interval
        usable, begin = [window], window.start
        for _ in range(BACK):
            before = self.job.calendar.window_at(begin - timedelta(microseconds=1))
            begin = before.start
            if len(usable) == scale or begin < self.job.grid_start or (interval and before.overlaps(interval)):
                break
            excluded = any(before.overlaps(other) for other in self.job.excluded)
            if not excluded and self.whole(before) and self.view(before)[WHOLE].rows.rows:
                usable.append(before)
        found = summed_windows(usable[::-1], scale, reference=interval)
        if found:
            self.begins[scale] = found[0].start
        return list(found) if found else None


def _sides(watch: Watch, before: Past, window: Window, beside: Views) -> Iterator[Sides]:
    """Yield both sides on every scale that has windows enough, of all rows and of the slots that rules name."""
    now = before.view(window)
    for slot in _slots(watch, now):
        life = _life(watch, before.job, before.conn, slot, window)
        past = beside.get(("" if slot[0] else slot[0], slot[1]))
        if past is None:
            continue
        for scale in watch.levels.scales:
            single = scale == 1 or watch.levels.overlap > 1
            windows = [window] if single else before.windows(window, scale)
            if windows is None:
                continue
            views = [before.view(one).get(slot) for one in windows]
            season, reference = life.beside(windows, past) if life else (ALL, past)
            current = summed([view for view in views if view is not None])
            segment = json.loads(slot[1]) if slot[1] else None
            yield Sides(scale, reference, current, life, season, segment, slot[0] or None)


def _slots(watch: Watch, now: Views) -> list[Slot]:
    segmented = any(rule.segments for rule in watch.rules)
    versioned = any(rule.version for rule in watch.rules)
    wanted = (slot for slot in sorted(now) if slot != WHOLE)
    return [WHOLE, *((v, s) for v, s in wanted if (segmented and s and not v) or (versioned and v and not s))]


def _counted(reference: Reference, job: Job, conn: Connection, window: Window) -> Views:
    found = tiles.load_many(conn, job.model_id, reference.layout.fingerprint, window.start, window.end)
    nothing = Profile(reference.layout.fingerprint, {})
    return _readings(reference, {WHOLE: nothing, **added(profiles_of(found))})


def _readings(reference: Reference, profiles: Mapping[Slot, Profile]) -> Views:
    return {slot: Reading(reference.layout, profile) for slot, profile in profiles.items()}


def _life(watch: Watch, job: Job, conn: Connection, slot: Slot, window: Window) -> Life | None:
    """Return what the reference's own windows show of ordinary life, those that trail the day; None if it has none."""
    reference = watch.reference
    interval = trail(job, window.start) if reference.trailing else reference.interval
    if interval is None or slot[0]:
        return None
    key = interval, witness(conn, job.model_id, interval.start, interval.end) if reference.trailing else None
    if slot not in watch.lives or watch.lives[slot][0] != key:
        steps = _past(watch, job, conn, slot, interval)
        valued = needs_values(watch.rules)
        watch.lives[slot] = key, Life.learn(reference.layout, steps, job.calendar.zone, valued=valued)
    return watch.lives[slot][1]


def _past(
    watch: Watch, job: Job, conn: Connection, slot: Slot, interval: Window, *, last: int | None = None
) -> Iterator[tuple[Window, Reading]]:
    """Yield the reference's windows with rows, oldest first; with ``last`` only so many at its end."""
    past = Past.since(watch, job, conn, interval)
    windows = list(job.calendar.windows(interval.start, interval.end))
    for window in windows[-last:] if last else windows:
        if window.start < interval.start or any(window.overlaps(other) for other in job.excluded):
            continue
        view = past.view(window).get(slot) if past.whole(window) else None
        if view is not None and view.rows.rows:
            yield window, view


def _step(job: Job) -> timedelta:
    return timedelta(hours=job.calendar.spec.every.hours)


def _before(watch: Watch, past: Past, beside: Views) -> Before:
    """Return the reference's own numbers, for rules that limit a change; those of a trailing one are made anew."""
    if not any(rule.change for rule in watch.rules) or WHOLE not in beside:
        return Before()
    if watch.reference.trailing:
        return Before.of(ordinary.whole(watch.reference, beside))
    named = ",".join(metric.name for metric in ordinary.limited(watch.rules))  # other rules may share what is learned
    if named not in watch.befores:
        interval = watch.reference.interval
        steps = list(_past(watch, past.job, past.conn, WHOLE, interval, last=ordinary.MOST)) if interval else []
        each = ordinary.each(watch.reference, watch.rules, beside[WHOLE], steps)
        watch.befores[named] = Before.of(ordinary.whole(watch.reference, beside), each)
    return watch.befores[named]
