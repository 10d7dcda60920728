"""Every instant lies in exactly one tile and one window, whatever the clocks of the zone do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config.window_spec import parse_window
from monitor.domain.calendar import Calendar, day_bounds, day_start, microseconds
from monitor.domain.window import Window

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TUMBLING = ["1h", "6h", "12h", "1d", "3d", "1w", "1mo"]
ODD = [
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns",
    "America/Havana", "Africa/Casablanca", "Pacific/Chatham", "Asia/Gaza", "America/Asuncion", "Africa/Cairo",
]  # fmt: skip
ZONES = sorted(available_timezones() - {"localtime"})

quick = settings(max_examples=60, deadline=None, derandomize=True)
instants = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def calendar(zone: str, window: object) -> Calendar:
    return Calendar(zone, parse_window(window))


@pytest.mark.parametrize("zone", ODD)
@pytest.mark.parametrize("window", TUMBLING)
def test_windows_of_odd_zones_tile_a_year(zone: str, window: str) -> None:
    """Over a year windows follow each other without gap or overlap, and consist of whole tiles."""
    years = calendar(zone, window)
    found = list(years.windows(datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 2, 1, tzinfo=UTC)))
    assert all(a.end == b.start for a, b in pairwise(found))
    assert all(w.start < w.end for w in found)
    tiles = set(years.tiles(found[0].start, found[-1].end))
    assert {w.start for w in found} | {found[-1].end} <= tiles


@quick
@given(st.sampled_from(ZONES), st.sampled_from(TUMBLING), instants)
def test_an_instant_lies_in_its_window_and_only_there(zone: str, window: str, instant: datetime) -> None:
    """In any zone the window at an instant holds it, and its neighbours touch it."""
    years = calendar(zone, window)
    found = years.window_at(instant)
    assert found.start <= instant < found.end
    assert years.window_at(found.start) == found
    assert years.window_at(found.end - timedelta(microseconds=1)) == found
    assert years.window_at(found.end).start == found.end


@quick
@given(st.sampled_from(ZONES), instants, st.integers(0, 400))
def test_tiles_hold_every_instant_once(zone: str, start: datetime, hours: int) -> None:
    """Tiles follow each other, none is longer than an hour, and they cover what was asked for and no tile more."""
    years = calendar(zone, "1h")
    end = start + hours * HOUR / 4
    bounds = years.tiles(start, end)
    assert all(timedelta(0) < b - a <= HOUR for a, b in pairwise(bounds))
    assert bounds[0] <= start
    assert end <= bounds[-1]
    if end > start:
        assert start < bounds[1]
        assert bounds[-2] < end
    assert [years.tile_end(t) for t in bounds[:-1]] == bounds[1:]
    assert years.tiles(bounds[0], bounds[-1]) == bounds


@quick
@given(st.sampled_from(ZONES), st.dates(date(2024, 1, 1), date(2030, 12, 31)))
def test_a_day_begins_at_its_first_instant(zone: str, day: date) -> None:
    """The instant before it belongs to an earlier day, and days are between 22 and 26 hours long."""
    start, end = day_bounds(zone, day)
    place = ZoneInfo(zone)
    assert start.astimezone(place).date() == day
    assert (start - timedelta(microseconds=1)).astimezone(place).date() == day - DAY
    assert 22 * HOUR <= end - start <= 26 * HOUR


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2024, 3, 31), 23),
        ("Europe/Berlin", date(2024, 10, 27), 25),
        ("America/New_York", date(2024, 3, 10), 23),
        ("Australia/Lord_Howe", date(2024, 4, 7), 24.5),
        ("Australia/Lord_Howe", date(2024, 10, 6), 23.5),
        ("Asia/Kathmandu", date(2024, 3, 31), 24),
        ("America/Havana", date(2024, 3, 10), 23),
        ("Africa/Cairo", date(2024, 4, 26), 23),
        ("UTC", date(2024, 3, 31), 24),
    ],
)
def test_the_length_of_days_follows_the_clocks(zone: str, day: date, hours: float) -> None:
    """Days on which clocks move are longer or shorter, by half an hour on Lord Howe."""
    start, end = day_bounds(zone, day)
    assert end - start == hours * HOUR


def test_the_last_tile_of_a_day_may_be_shorter() -> None:
    """When clocks move by half an hour a day ends with half a tile, and the next begins on its own midnight."""
    start, end = day_bounds("Australia/Lord_Howe", date(2024, 4, 7))
    bounds = calendar("Australia/Lord_Howe", "1d").tiles(start, end)
    assert [b - a for a, b in pairwise(bounds)] == [HOUR] * 24 + [HOUR / 2]


def test_hours_of_a_long_day_leave_a_remainder() -> None:
    """Windows of six hours on a day of 25 end with one of an hour."""
    start, end = day_bounds("Europe/Berlin", date(2024, 10, 27))
    found = list(calendar("Europe/Berlin", "6h").windows(start, end))
    assert [w.length / HOUR for w in found] == [6, 6, 6, 6, 1]


def test_a_day_that_was_skipped_has_no_length() -> None:
    """Apia had no 30 December 2011; days on both sides touch."""
    years = calendar("Pacific/Apia", "1d")
    found = list(years.windows(datetime(2011, 12, 28, tzinfo=UTC), datetime(2012, 1, 3, tzinfo=UTC)))
    days = [w.start.astimezone(ZoneInfo("Pacific/Apia")).day for w in found]
    assert days[:4] == [27, 28, 29, 31]
    assert all(a.end == b.start for a, b in pairwise(found))
    assert all(w.length == DAY for w in found)


def test_an_hour_given_back_over_midnight_belongs_to_the_day_that_had_begun() -> None:
    """Where clocks fell from 0:01 to 23:01 every instant is still in one window."""
    years = calendar("America/St_Johns", "1d")
    start = day_start("America/St_Johns", date(2006, 10, 29))
    for minute in range(-90, 180):
        found = years.window_at(start + timedelta(minutes=minute))
        assert found.start <= start + timedelta(minutes=minute) < found.end


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    """Weeks count from Monday, three days from 1970-01-05, months by the calendar."""
    instant = datetime(2024, 2, 15, 12, tzinfo=UTC)
    assert calendar("UTC", "1w").window_at(instant).start == datetime(2024, 2, 12, tzinfo=UTC)
    assert calendar("UTC", "1mo").window_at(instant).length == 29 * DAY
    three = calendar("UTC", "3d").window_at(instant)
    assert ((three.start - datetime(1970, 1, 5, tzinfo=UTC)) % (3 * DAY), three.length) == (timedelta(0), 3 * DAY)


@pytest.mark.parametrize("zone", ODD)
@pytest.mark.parametrize("window", [{"size": "7d", "every": "1d"}, {"size": "24h", "every": "6h"},
                                    {"size": "7d", "every": "6h"}, {"size": "3d", "every": "3h"}])  # fmt: skip
def test_rolling_windows_end_with_every_step_and_consist_of_tiles(zone: str, window: object) -> None:
    """One window ends with every step, and begins where a tile does, so that adding tiles makes it whole."""
    years = calendar(zone, window)
    first, until = datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 4, 20, tzinfo=UTC)
    found = list(years.windows(first, until))
    assert years.spec.rolling
    assert all(a.start <= b.start and a.end < b.end for a, b in pairwise(found))
    bounds = set(years.tiles(found[0].start, found[-1].end))
    assert {w.start for w in found} | {w.end for w in found} <= bounds
    nominal = years.spec.size.hours * HOUR
    assert all(abs(w.length - nominal) <= HOUR for w in found if w.end - w.start > HOUR * 24)


def test_days_after_counts_local_days() -> None:
    """Fourteen days later is midnight again, though clocks moved."""
    berlin = calendar("Europe/Berlin", "1d")
    later = berlin.days_after(day_start("Europe/Berlin", date(2024, 3, 25)), 14)
    assert later == day_start("Europe/Berlin", date(2024, 4, 8))


def test_microseconds_are_exact() -> None:
    """Instants become whole microseconds, before 1970 too."""
    at = [datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), datetime(2024, 1, 1, 0, 0, 0, 1, tzinfo=UTC)]
    assert microseconds(at).tolist() == [-1, 1704067200000001]
    assert microseconds([]).dtype == np.int64


def test_a_window_refuses_naive_instants_and_a_wrong_order() -> None:
    """Windows are aware and do not end before they start."""
    now = datetime(2024, 1, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="aware"):
        Window(now.replace(tzinfo=None), now)
    with pytest.raises(ValueError, match="ends before"):
        Window(now, now - DAY)


def test_windows_that_touch_do_not_overlap() -> None:
    """Windows are half-open."""
    now = datetime(2024, 1, 1, tzinfo=UTC)
    one, two = Window(now, now + DAY), Window(now + DAY, now + 2 * DAY)
    assert not one.overlaps(two)
    assert one.overlaps(Window(now - DAY, now + HOUR))
    assert Window(now, now + 2 * DAY).contains(two)
    assert not two.contains(one)
