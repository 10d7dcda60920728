"""The calendar of a model: days, tiles and windows of its time zone, as instants in UTC."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from monitor.config.window_spec import Span, WindowSpec
from monitor.domain.window import Window

_TILE = timedelta(hours=1)
_MONDAY = date(1970, 1, 5)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Calendar:
    """How one time zone's days are cut into tiles and windows.

    A day begins at its first local instant; a tile is one elapsed hour from there, the last of a day may be
    shorter. Windows of ``n`` hours count elapsed hours from the day's beginning, windows of days from Monday
    1970-01-05, months from the first. So every instant lies in exactly one tile and one tumbling window, whatever
    the clocks do.

    Examples
    --------
    >>> from monitor.config.window_spec import parse_window
    >>> calendar = Calendar("Europe/Berlin", parse_window("1d"))
    >>> window = calendar.window_at(datetime(2024, 3, 31, 12, tzinfo=UTC))
    >>> window.length
    datetime.timedelta(seconds=82800)
    """

    zone: str
    spec: WindowSpec

    def window_at(self, instant: datetime) -> Window:
        """Return the tumbling step that holds an instant."""
        return self._step(instant, self.spec.every)

    def windows(self, first: datetime, until: datetime) -> Iterator[Window]:
        """Yield the windows whose step lies in ``[first's step, until)``, oldest first.

        A rolling window ends with its step and reaches back before it.
        """
        step = self.window_at(first)
        while step.end <= until:
            yield self._sized(step)
            step = self.window_at(step.end)

    def days_after(self, instant: datetime, days: int) -> datetime:
        """Return the beginning of the local day that many days after an instant's.

        Examples
        --------
        >>> from monitor.config.window_spec import parse_window
        >>> Calendar("UTC", parse_window("1d")).days_after(datetime(2024, 1, 1, 9, tzinfo=UTC), 14).day
        15
        """
        return day_start(self.zone, self._day(instant) + timedelta(days=days))

    def tiles(self, start: datetime, end: datetime) -> list[datetime]:
        """Return the beginnings of all tiles that overlap ``[start, end)`` and, last, the end of the last one."""
        day = start.astimezone(ZoneInfo(self.zone)).date()
        found = [day_start(self.zone, day)]
        while found[-1] < end:
            day += timedelta(days=1)
            ends = day_start(self.zone, day)
            while found[-1] < ends:
                found.append(min(found[-1] + _TILE, ends))
        first = bisect_right(found, start) - 1
        return found[first : bisect_left(found, end) + 1]

    def blocks(self, start: datetime, end: datetime) -> list[Window]:
        """Return whole tiles as few pieces: the local days inside ``[start, end)``, and single tiles before and after.

        Which pieces these are depends on the interval alone, and neighbouring intervals share most of them.

        Examples
        --------
        >>> from monitor.config.window_spec import parse_window
        >>> day = datetime(2024, 1, 1, 22, tzinfo=UTC)
        >>> found = Calendar("UTC", parse_window("1h")).blocks(day, day + timedelta(hours=27))
        >>> [block.length // timedelta(hours=1) for block in found]
        [1, 1, 24, 1]
        """
        day, found = self._day(start), list[Window]()
        while not found or found[-1].end < end:
            begins, ends = day_bounds(self.zone, day)
            if start <= begins and ends <= end:
                found += [Window(begins, ends)] if begins < ends else []
            else:
                bounds = self.tiles(max(start, begins), min(end, ends))
                found += [Window(a, b) for a, b in pairwise(bounds)]
            day += timedelta(days=1)
        return found

    def tile_end(self, start: datetime) -> datetime:
        """Return the end of the tile that begins at an instant."""
        day = self._day(start)
        return min(start + _TILE, day_start(self.zone, day + timedelta(days=1)))

    def _step(self, instant: datetime, span: Span) -> Window:
        day = self._day(instant)
        if span.unit == "h":
            begins, ends = day_bounds(self.zone, day)
            index = (instant - begins) // timedelta(hours=span.count)
            start = begins + index * timedelta(hours=span.count)
            return Window(start, min(start + timedelta(hours=span.count), ends))
        if span.unit == "d":
            first = day - timedelta(days=(day - _MONDAY).days % span.count)
            return Window(day_start(self.zone, first), day_start(self.zone, first + timedelta(days=span.count)))
        first = day.replace(day=1)
        return Window(day_start(self.zone, first), day_start(self.zone, (first + timedelta(days=32)).replace(day=1)))

    def _day(self, instant: datetime) -> date:
        """Return the local day of an instant; a day that has begun goes on, though clocks fall back over midnight."""
        day = instant.astimezone(ZoneInfo(self.zone)).date()
        return day + timedelta(days=1) if instant >= day_start(self.zone, day + timedelta(days=1)) else day

    def _sized(self, step: Window) -> Window:
        """Return the window that ends with a step."""
        if not self.spec.rolling:
            return step
        if self.spec.size.unit == "d":
            last = (step.end - _MICROSECOND).astimezone(ZoneInfo(self.zone)).date()
            behind = last - timedelta(days=self.spec.size.count - 1)
            if self.spec.every.unit == "d":
                return Window(day_start(self.zone, behind), step.end)
        begin = step.end - timedelta(hours=self.spec.size.hours)
        return Window(self.tiles(begin, begin + _MICROSECOND)[0], step.end)  # clocks that move by half an hour


def microseconds(instants: list[datetime]) -> NDArray[np.int64]:
    """Return instants as int64 microseconds since 1970.

    Examples
    --------
    >>> microseconds([datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)])
    array([1000000])
    """
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return np.array([(instant - epoch) // _MICROSECOND for instant in instants], dtype=np.int64)


def day_bounds(zone: str, day: date) -> tuple[datetime, datetime]:
    """Return the first instant of a local day and of the next."""
    return day_start(zone, day), day_start(zone, day + timedelta(days=1))


@lru_cache(maxsize=65_536)
def day_start(zone: str, day: date) -> datetime:
    """Return the first instant of a local day, in UTC, also where clocks skip or repeat midnight.

    Examples
    --------
    >>> day_start("America/New_York", date(2013, 3, 10)).isoformat()
    '2013-03-10T05:00:00+00:00'
    """
    place = ZoneInfo(zone)
    instant = datetime(day.year, day.month, day.day, tzinfo=place).astimezone(UTC)
    if (instant - _MICROSECOND).astimezone(place).date() < day <= instant.astimezone(place).date():
        return instant
    low, high = instant - timedelta(days=2), instant + timedelta(days=2)
    while high - low > _MICROSECOND:  # the first instant whose local date is this day or later
        middle = low + (high - low) / 2
        low, high = (low, middle) if middle.astimezone(place).date() >= day else (middle, high)
    return high
