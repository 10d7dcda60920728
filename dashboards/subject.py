"""The subject of a model's page: which model, through which lens, and what every tab of it needs."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from dashboards.asking import Asked, MissingError
from dashboards.figures.canvas import Look
from dashboards.figures.scene import Scene
from dashboards.figures.timeline import Level
from monitor.config import ModelConfig, canonical
from monitor.domain.measurement import Group
from monitor.service.key_metric import key_metric
from monitor.service.view.baseline import baselines
from monitor.service.view.bearing import Bearings, bearings
from monitor.service.view.limit import Limit, Rulebook
from monitor.service.view.mark import Marks, marks
from monitor.service.view.past import Lens, Past, newest_end, past
from monitor.service.view.pulse import pulse
from monitor.service.view.standard import Standard, standard
from monitor.service.view.trail import Trail, trails

if TYPE_CHECKING:
    from monitor.store.engine import Store
    from monitor.store.runs import Run

RANGES = {"7d": 7, "30d": 30, "90d": 90, "1y": 365, "all": None}
RANGE = "90d"
PLAIN = Look()
MOST_POINTS = 1_000  # windows in one line; where there are more, neighbours share a point
KEPT = 24
T = TypeVar("T")
AMOUNTS = frozenset({"row_count", "throughput", "orphan_target_count", "labelled_sample_pvalue"})  # they go with length
ENOUGH = 0.8  # of the ground truth that windows have: what a frozen reference must have to be read as it is


@dataclass(frozen=True, eq=False)
class Sight:
    """What the store tells of a model through a lens, read in one transaction."""

    past: Past
    marks: Marks
    bearings: Bearings
    known: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def once(self, name: Hashable, make: Callable[[], T]) -> T:
        """Return what was made under a name, made now if it was not before: the store has not changed since."""
        if name not in self.known:
            self.known[name] = make()
        found: T = self.known[name]
        return found


@dataclass(frozen=True, eq=False)
class Subject:
    """One model looked at through one lens in one look; ``sight`` is None before the first window."""

    asked: Asked
    model: ModelConfig
    lens: Lens
    version: str
    look: Look
    sight: Sight | None

    @property
    def seen(self) -> Sight:
        """The sight; ask only where there is one."""
        assert self.sight is not None  # noqa: S101 - tabs are not drawn without
        return self.sight

    @property
    def past(self) -> Past:
        """The windows."""
        return self.seen.past

    @property
    def store(self) -> Store:
        """The store, open."""
        return self.asked.store

    @cached_property
    def rules(self) -> Rulebook:
        """The rules in force."""
        return Rulebook.of(self.model)

    @cached_property
    def standard(self) -> Standard | None:
        """The reference of the newest window."""
        last = self.past.last
        return standard(self.store, last.outcome.reference_id) if last is not None else None

    @cached_property
    def picked(self) -> tuple[int, ...]:
        """The places of the windows that lines are drawn through; all of them while they are few enough."""
        step = -(-len(self.past.windows) // MOST_POINTS) or 1
        return tuple(range(len(self.past.windows) - 1, -1, -step)[::-1])

    @cached_property
    def scene(self) -> Scene:
        """The time that the charts share."""
        windows = [self.past.windows[i] for i in self.picked]
        return Scene(
            starts=[run.window.start for run in windows],
            ends=[run.window.end for run in self._covering(windows)],
            begin=self.past.windows[0].window.start,
            end=self.past.windows[-1].window.end,
            marks=self.seen.marks,
            provisional=[run.outcome.provisional for run in windows],
            coverage=[run.outcome.coverage for run in windows],
        ).on_the_clock(self.look.zone)

    def thin(self, values: Sequence[float | None]) -> list[float | None]:
        """Return one value for each window picked: where several share a point, the one farthest from the middle."""
        if len(self.picked) == len(self.past.windows):
            return list(values)
        known = sorted(v for v in values if v is not None)
        middle = known[len(known) // 2] if known else 0.0
        found: list[float | None] = []
        before = -1
        for at in self.picked:
            shared = [v for v in values[before + 1 : at + 1] if v is not None]
            found.append(max(shared, key=lambda v: abs(v - middle), default=None))
            before = at
        return found

    def read(self, numbers: Sequence[int]) -> list[Trail]:
        """Return the trails of some series."""
        with self.store.read() as conn:
            return trails(conn, self.past, numbers)

    def trail(self, metric: str, column: str | None = None) -> Trail | None:
        """Return the trail of one metric for the rows looked at; None when it was never measured."""
        return next(iter(self.read(self.past.named(metric, column=column))), None)

    def before(self, metric: str, column: str | None = None, group: Group | None = None) -> float | None:
        """Return what a metric is over the reference; None when that is not known."""
        last, against = self.past.last, self.standard
        if against is None or last is None or metric in AMOUNTS:
            return None
        seen = max((run.outcome.coverage or 0.0 for run in self.past.windows), default=0.0)
        if group is None and column is None and (against.coverage or 0.0) < ENOUGH * seen:
            number, day = last.outcome.reference_id or 0, self.asked.now.toordinal()
            from_tiles = baselines(self.store, {number: self.model}, day).get(number)
            return from_tiles.value if from_tiles is not None and self.key == metric else None
        found = against.value(metric, column, group or self.lens.group)
        return found.value if found is not None else None

    @property
    def key(self) -> str:
        """The metric that the model is known by."""
        return key_metric(self.model)

    def levels(self, metric: str, column: str | None = None, group: Group | None = None) -> list[Level]:
        """Return the lines across a metric's chart: its limits, and what the reference shows."""
        before = self.before(metric, column, group)
        lines = self.limits(metric, column, group, before)
        return lines if before is None else [*lines, Level(before, "reference", "reference")]

    def limits(
        self, metric: str, column: str | None = None, group: Group | None = None, before: float | None = None
    ) -> list[Level]:
        """Return the limits of a metric as lines across its chart; those of a change need what it was before."""
        found = _outer(self.rules.limits(metric, column, group, before))
        return [Level(one.value, "limit", severity=one.severity) for one in found]

    def window(self, asked_for: datetime | None) -> Run | None:
        """Return the window asked for, by default the newest with rows."""
        if asked_for is not None:
            return self.past.at(asked_for)
        return next((run for run in reversed(self.past.windows) if run.outcome.rows), self.past.last)

    def _covering(self, windows: Sequence[Run]) -> list[Run]:
        """Return for each window picked the last that shares its point, so that no gap is seen between them."""
        if len(windows) == len(self.past.windows):
            return list(windows)
        places = [*self.picked[1:], len(self.past.windows)]
        return [self.past.windows[max(0, at - 1)] for at in places]


def subject(asked: Asked, look: Look = PLAIN) -> Subject:
    """Return the subject that an address names.

    Raises
    ------
    MissingError
        There is no such model, or whoever asks may not know of it.
    RefusedError
        It may not be read.
    """
    name = asked.path.get("model", "")
    asked.demand("read", name)
    model = asked.config.model(name)
    if model is None:
        raise MissingError(f"There is no model {name}.", "the overview shows those that there are")
    version = pulse(asked.store, asked.now).rpartition(".")[0]  # the minute changes nothing that is drawn here
    start, end = _extent(asked)
    lens = Lens(name, start, end, asked.query.get("version") or None, _segment(asked.query.get("segment")))
    return Subject(asked, model, lens, version, look, _sight(asked.store, version, canonical(model), lens))


def instant_of(text: str | None) -> datetime | None:
    """Return the instant that an address names; None when it names none.

    Examples
    --------
    >>> instant_of("2026-03-01T06:00:00").isoformat(), instant_of("soon"), instant_of("0001-01-01T00:00:00+14:00")
    ('2026-03-01T06:00:00+00:00', None, None)
    """
    try:
        found = datetime.fromisoformat(text or "")
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=KEPT)
def _sight(store: Store, version: str, config: str, lens: Lens) -> Sight | None:
    del version, config  # tell a question of now from one before something was stored, or configured
    with store.read() as conn:
        found = past(conn, lens)
        if found is None or not found.windows:
            return None
        return Sight(found, marks(conn, found), bearings(conn, found))


def _extent(asked: Asked) -> tuple[datetime | None, datetime | None]:
    """Return the range asked for; a length reaches back from the end of the newest window."""
    begin, end = instant_of(asked.query.get("from")), instant_of(asked.query.get("to"))
    if begin is not None or end is not None:
        return begin, end
    days = RANGES.get(asked.query.get("range") or RANGE, RANGES[RANGE])
    if days is None:
        return None, None
    with asked.store.read() as conn:
        last = newest_end(conn, asked.path.get("model", ""))
    return (last - timedelta(days=days), None) if last is not None else (None, None)


def _segment(text: str | None) -> tuple[str, str | None] | None:
    """Return the segment that an address names as ``attribute=value``; without ``=`` the value is missing."""
    if not text:
        return None
    name, sign, value = text.partition("=")
    return name, value if sign else None


def _outer(limits: Sequence[Limit]) -> list[Limit]:
    """Return the limits worth drawing: of several in one direction the first and the gravest."""
    found: dict[tuple[bool, str], Limit] = {}
    for one in limits:
        found.setdefault((one.upper, one.severity), one)
    return list(found.values())
