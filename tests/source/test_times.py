"""One place turns every form of time into UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import SourceError
from monitor.source.bounds import epoch_ranges, local_bound, microseconds, text_bound
from monitor.source.scrub import scrub
from monitor.source.times import to_utc

MOMENT = datetime(2024, 3, 5, 12, 30, 15, 250000, tzinfo=UTC)
moments = st.datetimes(datetime(1980, 1, 1), datetime(2090, 1, 1)).map(lambda t: t.replace(tzinfo=UTC))  # noqa: DTZ001
zones = st.sampled_from(["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia"])


@pytest.mark.parametrize("value", [
    "2024-03-05T12:30:15.250Z", "2024-03-05 12:30:15.25+00:00", "2024-03-05 18:00:15.250000+05:30",
    "2024-03-05T12:30:15,25z", "2024-03-05T07:30:15.250000000-0500", "2024-03-05 12:30:15.25 UTC",
    "1709641815.25", "1709641815250", "1.70964181525e9", 1709641815.25, 1709641815250,
    1709641815250000, 1709641815250000000, Decimal("1709641815.25"), MOMENT,
])  # fmt: skip
def test_every_spelling_of_one_instant(value: object) -> None:
    """Text, numbers of any unit and timestamps agree to the microsecond."""
    assert to_utc(pa.array([value]), None, "t").to_pylist() == [MOMENT]


@pytest.mark.parametrize("value", ["", "x", "2024-03-05T", "2024-3-5", "12:30", "20240305T123015", "2024-02-30", "inf"])
def test_what_is_no_time_is_null(value: str) -> None:
    """Nothing is guessed and nothing crashes; the neighbours are read."""
    found = to_utc(pa.array([value, "2024-03-05T12:30:15.25Z"]), "UTC", "t").to_pylist()
    assert found == [None, MOMENT]


@pytest.mark.parametrize("values", [
    pa.array([float("nan"), float("inf"), 1e300]), pa.array([2**63 - 1], pa.timestamp("us", "UTC")),
    pa.array([None, None], pa.null()), pa.array([None], pa.string()), pa.array([None], pa.timestamp("us")),
    pa.array([-(2**63)], pa.int64()), pa.array([], pa.string()),
])  # fmt: skip
def test_values_outside_the_calendar_are_null(values: pa.Array) -> None:
    """Infinity, overflow and nothing at all are no times."""
    found = to_utc(values, None, "t").to_pylist()
    assert [moment for moment in found if moment is not None and abs(moment.year - 2000) < 300] == []
    assert len(found) == len(values)


def test_a_type_that_is_no_time_is_refused() -> None:
    """A boolean names no instant."""
    with pytest.raises(SourceError, match="bool, which is no time"):
        to_utc(pa.array([True]), "UTC", "t")


@settings(deadline=None)
@given(moments, moments, moments, zones)
def test_a_local_bound_keeps_no_row_back(one: datetime, other: datetime, row: datetime, zone: str) -> None:
    """Whatever local time a row inside the window shows, the bounds on the wall clock hold it."""
    start, end = sorted([one, other])
    wall = row.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    (moment,) = to_utc(pa.array([wall], pa.timestamp("us")), zone, "t").to_pylist()
    if start <= moment < end:
        low, high = local_bound(start, zone, -1), local_bound(end, zone, 1)
        assert low is not None
        assert high is not None
        assert low <= wall < high
        assert text_bound(low, " ") <= wall.isoformat(sep=" ")


@settings(deadline=None)
@given(moments, st.integers(0, 10**12), st.integers(0, 10**12), st.sampled_from([10**6, 10**3, 1]))
def test_epoch_ranges_hold_the_window(start: datetime, length: int, step: int, per: int) -> None:
    """A number that stands for an instant of the window is in one of the ranges."""
    end = start + timedelta(microseconds=length)
    number = (microseconds(start) + step) // per
    (moment,) = to_utc(pa.array([number]), None, "t").to_pylist()
    if start <= moment < end:
        assert any(low <= number < high for low, high in epoch_ranges(start, end))


@pytest.mark.parametrize(("said", "url"), [
    ("could not connect as me with tr0ub4dor", "postgresql://me:tr0ub4dor@h/d"),
    ("conninfo 'postgresql://me:tr0ub4dor@h/d' is bad", ""),
    ("conninfo host=h password=tr0ub4dor user=me", ""),
    ("conninfo password='tr0ub4dor'", ""),
    ("bad tr0ub%2F4dor and tr0ub/4dor", "mysql://me:tr0ub%2F4dor@h/d"),
    ("bad tr0ub4dor", "mssql://h/d?user=me&password=tr0ub4dor"),
])  # fmt: skip
def test_passwords_never_show(said: str, url: str) -> None:
    """However a driver quotes the password, it is hidden."""
    shown = scrub(said, url)
    assert "tr0ub" not in shown
    assert "***" in shown


@settings(deadline=None)
@given(st.lists(st.datetimes(datetime(1880, 1, 1), datetime(2100, 1, 1)), max_size=5), zones)  # noqa: DTZ001
def test_local_times_follow_pythons_rules(walls: list[datetime], zone: str) -> None:
    """A time that exists shows itself again on that zone's wall, the first pass of it."""
    found = to_utc(pa.array(walls, pa.timestamp("us")), zone, "t").to_pylist()
    for wall, moment in zip(walls, found, strict=True):
        there = wall.replace(tzinfo=ZoneInfo(zone))
        if there.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall:
            assert moment == there.astimezone(UTC)
        else:
            assert moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) > wall
            before = (moment - timedelta(microseconds=1)).astimezone(ZoneInfo(zone))
            assert before.replace(tzinfo=None) < wall
