"""The calendar holds in every zone of the world, 2024 to 2030, on the days when clocks move and on others.

What is right is worked out a second time here, from the zone's offsets alone.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import monitor.domain.calendar as calendars
from monitor.config.window_spec import parse_window
from monitor.domain.calendar import Calendar

HOUR, DAY, TICK = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)
FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
TUMBLING = ["1h", "6h", "1d", "1w", "1mo"]
ROLLING = [{"size": "24h", "every": "1h"}, {"size": "7d", "every": "6h"}, {"size": "28d", "every": "1d"}]
ZONES = sorted(available_timezones() - {"localtime"})


@dataclass(frozen=True)
class Offsets:
    """A zone's offsets from UTC, from each of some instants on; the first holds before them all."""

    since: tuple[datetime, ...]
    offsets: tuple[timedelta, ...]

    def first_instant(self, day: date) -> datetime:
        """Return the first instant at which the zone's clocks show a day, or a later one."""
        midnight = datetime.combine(day, time(), UTC)
        ends = (*self.since[1:], datetime.max.replace(tzinfo=UTC))
        found = (max(a, midnight - o) for a, b, o in zip(self.since, ends, self.offsets, strict=True)
                 if b > midnight - o)  # fmt: skip
        return min(found)

    def days(self, *moves: datetime) -> list[date]:
        """Return the local days around some instants."""
        near = {(at + self.offsets[max(0, bisect_right(self.since, at) - 1)]).date() for at in moves}
        return sorted({day + n * DAY for day in near for n in (-1, 0, 1)})


@cache
def offsets(zone: str, first: datetime, last: datetime) -> Offsets:
    """Find the instants at which a zone's clocks move, to the second, by looking at every day."""
    place = ZoneInfo(zone)
    at, since = first - 60 * DAY, [first - 60 * DAY]
    found = [at.astimezone(place).utcoffset()]
    while at < last + 60 * DAY:
        following = at + DAY
        if following.astimezone(place).utcoffset() != found[-1]:
            low, high = at, following
            while high - low > timedelta(seconds=1):
                middle = (low + (high - low) / 2).replace(microsecond=0)
                low, high = (middle, high) if middle.astimezone(place).utcoffset() == found[-1] else (low, middle)
            since.append(high)
            found.append(high.astimezone(place).utcoffset())
            following = high
        at = following
    return Offsets(tuple(since), tuple(o for o in found if o is not None))


@cache
def rules() -> dict[Offsets, list[str]]:
    """Return the zones by their offsets of these years: many names are one rule."""
    found: dict[Offsets, list[str]] = {}
    for zone in ZONES:
        found.setdefault(offsets(zone, FIRST, LAST), []).append(zone)
    return found


def faults(zone: str, known: Offsets, day: date) -> Iterator[str]:
    """Yield what is wrong about a local day and its neighbours."""
    start, middle, end = (known.first_instant(day + n * DAY) for n in (0, 1, 2))
    if calendars.day_bounds(zone, day) != (start, middle):
        yield f"{zone} {day} begins or ends at another instant"
    bounds = Calendar(zone, parse_window("1h")).tiles(start, end)
    if len(bounds) < 2 or (bounds[0], bounds[-1]) != (start, end) or middle not in bounds:
        yield f"{zone} {day} is not covered by its tiles"
        return
    if not all(timedelta(0) < b - a <= HOUR for a, b in pairwise(bounds)):
        yield f"{zone} {day} has tiles that overlap, or last too long"
    for ends in (middle, end):
        short = [b - a < HOUR for a, b in pairwise(bounds) if b <= ends and a >= ends - DAY / 2]
        if any(short[:-1]):
            yield f"{zone} {day} has a short tile that is not its last"
    yield from _grid_faults(zone, day, bounds)


def _grid_faults(zone: str, day: date, bounds: list[datetime]) -> Iterator[str]:
    """Yield what is wrong about the windows around a stretch of tiles."""
    for spec in [*TUMBLING, *ROLLING]:
        calendar = Calendar(zone, parse_window(spec))
        found = list(calendar.windows(bounds[0], bounds[-1] + 31 * DAY * (spec == "1mo") + 7 * DAY * (spec == "1w")))
        if not found:
            yield f"{zone} {day} has no window of {spec}"
            continue
        if any(a.end != b.start for a, b in pairwise(found)) and spec in TUMBLING:
            yield f"{zone} {day} has gaps or overlaps between windows of {spec}"
        if any(a.end >= b.end or a.start > b.start for a, b in pairwise(found)):
            yield f"{zone} {day} has windows of {spec} that go back"
        steps = [calendar.window_at(w.end - TICK) for w in found]
        if any(step.end != w.end for step, w in zip(steps, found, strict=True)):
            yield f"{zone} {day} has windows of {spec} that end inside a step"
        for edge in {w.start for w in (found[0], found[-1])} | {found[0].end, found[-1].end}:
            if calendar.tiles(edge, edge + TICK)[0] != edge:
                yield f"{zone} {day} has a window of {spec} that cuts a tile at {edge}"


def world_faults(chosen: dict[Offsets, list[str]], ordinary: int = 1) -> Iterator[str]:
    """Yield what is wrong on the days around every move of the clocks, and on some days without."""
    chance = Random(20240101)
    for known, zones in chosen.items():
        moves = [at for at in known.since[1:] if FIRST <= at < LAST]
        more = [FIRST + chance.randrange(2557) * DAY for _ in range(ordinary)]
        for number, day in enumerate(known.days(*moves, *more)):
            yield from faults(zones[number % len(zones)], known, day)


def test_there_are_all_zones() -> None:
    """The check is about some six hundred names, and clocks move in many of them, by half an hour too."""
    assert len(ZONES) > 500
    assert sum(map(len, rules().values())) == len(ZONES)
    moving = [known for known in rules() if len(known.since) > 10]
    assert len(moving) > 20
    jumps = {abs(b - a) for known in rules() for a, b in pairwise(known.offsets)}
    assert {HOUR / 2, HOUR} <= jumps


def test_time_is_tiled_in_every_zone_whenever_clocks_move() -> None:
    """No gap, no overlap, whole tiles: days, tiles, windows of every kind, around every move 2024 to 2030."""
    assert list(world_faults(rules())) == []


@pytest.mark.parametrize(
    ("zone", "first", "last"),
    [
        ("Pacific/Apia", datetime(2011, 12, 1, tzinfo=UTC), datetime(2012, 2, 1, tzinfo=UTC)),
        ("Pacific/Kwajalein", datetime(1993, 8, 1, tzinfo=UTC), datetime(1993, 9, 15, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(1994, 12, 1, tzinfo=UTC), datetime(1995, 2, 1, tzinfo=UTC)),
        ("America/St_Johns", datetime(1988, 3, 1, tzinfo=UTC), datetime(1988, 11, 30, tzinfo=UTC)),
        ("Antarctica/Troll", datetime(2015, 3, 1, tzinfo=UTC), datetime(2015, 11, 30, tzinfo=UTC)),
        ("Africa/Monrovia", datetime(1971, 12, 20, tzinfo=UTC), datetime(1972, 1, 20, tzinfo=UTC)),
    ],
)
def test_the_oddest_moves_of_history(zone: str, first: datetime, last: datetime) -> None:
    """Zones that skipped a day, moved by two hours, or by 44 minutes and 30 seconds, are tiled as well."""
    known = offsets(zone, first, last)
    days = known.days(*(at for at in known.since[1:] if first <= at < last))
    skipped = {day for day in days if known.first_instant(day) == known.first_instant(day + DAY)}
    assert days
    assert [fault for day in days if day not in skipped for fault in faults(zone, known, day)] == []
    for day in skipped:
        assert calendars.day_bounds(zone, day) == (known.first_instant(day),) * 2


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.sampled_from(ZONES), st.dates(date(2024, 1, 1), date(2030, 12, 31)))
def test_time_is_tiled_on_any_day(zone: str, day: date) -> None:
    """The same on any day in any zone."""
    assert list(faults(zone, offsets(zone, FIRST, LAST), day)) == []


def test_a_calendar_that_adds_24_hours_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check itself works: days of always 24 hours fail it wherever clocks move, and only there."""
    right = calendars.day_start

    def wrong(zone: str, day: date) -> datetime:
        return right(zone, date(2024, 1, 1)) + (day - date(2024, 1, 1))

    monkeypatch.setattr(calendars, "day_start", wrong)
    moving = {k: zones for k, zones in rules().items() if any(FIRST <= at < LAST for at in k.since[1:])}
    steady = {k: zones for k, zones in rules().items() if len(k.since) == 1}
    found = list(world_faults({k: moving[k] for k in list(moving)[:3]}, ordinary=0))
    assert any("begins or ends at another instant" in fault for fault in found)
    assert list(world_faults({k: steady[k] for k in list(steady)[:3]})) == []


def test_a_calendar_without_the_short_tile_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiles that run on past a day's end after half an hour given back fail the check on Lord Howe."""
    right = Calendar.tiles

    def wrong(self: Calendar, start: datetime, end: datetime) -> list[datetime]:
        bounds = right(self, start, end)
        return [bounds[0] + n * HOUR for n in range(-(-(bounds[-1] - bounds[0]) // HOUR) + 1)]

    monkeypatch.setattr(Calendar, "tiles", wrong)
    known = next(k for k, zones in rules().items() if "Australia/Lord_Howe" in zones)
    assert list(world_faults({known: ["Australia/Lord_Howe"]}, ordinary=0)) != []
