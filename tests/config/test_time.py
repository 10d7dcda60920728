"""Windows, instants, zones and budgets."""

from datetime import UTC, datetime

import pytest

from monitor.config.budget import parse_budget
from monitor.config.duration import parse_duration
from monitor.config.instant import parse_instant, place
from monitor.config.mute_time import parse_hours
from monitor.config.window_spec import parse_window
from monitor.config.wrong import Wrong
from monitor.config.zone import check_zone


@pytest.mark.parametrize(
    ("text", "size", "every", "overlap"),
    [
        ("1h", "1h", "1h", 1),
        ("24h", "24h", "24h", 1),
        ("1d", "1d", "1d", 1),
        ("3d", "3d", "3d", 1),
        ("1w", "7d", "7d", 1),
        ("2w", "14d", "14d", 1),
        ("1mo", "1mo", "1mo", 1),
        ({"size": "7d", "every": "1d"}, "7d", "1d", 7),
        ({"size": "1w", "every": "1h"}, "7d", "1h", 168),
        ({"size": "48h", "every": "1d"}, "2d", "1d", 2),
        ({"size": "36h", "every": "6h"}, "36h", "6h", 6),
        ({"size": "7d", "every": "1w"}, "7d", "7d", 1),
    ],
)
def test_windows(text: object, size: str, every: str, overlap: int) -> None:
    """Windows have the size and step that are written, weeks as days."""
    spec = parse_window(text)
    assert (str(spec.size), str(spec.every), spec.overlap, spec.rolling) == (size, every, overlap, size != every)


@pytest.mark.parametrize(
    "text",
    [
        "0h",
        "5h",
        "48h",
        "25h",
        "2mo",
        "1y",
        "1 day",
        "",
        "d",
        "-1d",
        "1.5d",
        1,
        None,
        True,
        [],
        {"size": "1mo", "every": "1d"},
        {"size": "1d", "every": "7d"},
        {"size": "7d", "every": "5h"},
        {"size": "7d", "each": "1d"},
        {},
    ],
)
def test_no_windows(text: object) -> None:
    """What does not tile the day evenly is refused."""
    with pytest.raises(Wrong):
        parse_window(text)


@pytest.mark.parametrize("text", ["", "5", "5 minutes", "1.5h", "-5m", "5M", "999999999w", 5, None, True, "m5"])
def test_no_durations(text: object) -> None:
    """A duration needs a whole number and a unit."""
    with pytest.raises(Wrong):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "zone", "utc"),
    [
        ("2013-01-01", "UTC", "2013-01-01T00:00"),
        ("2013-01-01", "America/New_York", "2013-01-01T05:00"),
        ("2013-01-01T06:00", "America/New_York", "2013-01-01T11:00"),
        ("2013-01-01 06:00:00Z", "America/New_York", "2013-01-01T06:00"),
        ("2013-01-01t06:00:00.5+01:00", "America/New_York", "2013-01-01T05:00:00.500000"),
        ("2013-01-01T06:00 +0100", "UTC", "2013-01-01T05:00"),
        # Midnight did not exist in Sao Paulo that day: its first instant is 01:00 local.
        ("2017-10-15", "America/Sao_Paulo", "2017-10-15T03:00"),
        # 02:30 came twice in Berlin: the first counts.
        ("2013-10-27T02:30", "Europe/Berlin", "2013-10-27T00:30"),
    ],
)
def test_instants(text: str, zone: str, utc: str) -> None:
    """Local times are placed in the zone, others keep their instant."""
    assert place(parse_instant(text), zone) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "2013", "2013-1-1", "2013-02-30", "2013-01-01T25:00", "1/2/13", "now", 2013])
def test_no_instants(text: object) -> None:
    """A time that is ambiguous or does not exist is refused."""
    with pytest.raises(Wrong):
        parse_instant(text)


@pytest.mark.parametrize(("text", "zone"), [("0001-01-01", "Asia/Tokyo"), ("9999-12-31T23:59", "Pacific/Pago_Pago")])
def test_ends_of_the_calendar(text: str, zone: str) -> None:
    """The first and last day of the calendar are refused where the zone pushes them out of it."""
    with pytest.raises(Wrong, match="1 to 9999"):
        place(parse_instant(text), zone)


@pytest.mark.parametrize("text", ["", "CET+1", "../etc/passwd", "/etc/localtime", "Europe", "nul\0", "a" * 5000, 1])
def test_no_zones(text: object) -> None:
    """Only names of the IANA database are zones."""
    with pytest.raises(Wrong):
        check_zone(text)


@pytest.mark.parametrize("text", ["", "1", "1 per", "1 per day", "-1 per 30d", "0 per 30d", "1 per 0d", 1, None])
def test_no_budgets(text: object) -> None:
    """A budget is a number above zero per a time above zero."""
    with pytest.raises(Wrong):
        parse_budget(text)


@pytest.mark.parametrize("text", ["", "20:00", "20-7", "25:00-07:00", "07:00-07:00", "24:00-07:00", "20:00-24:30", 20])
def test_no_hours(text: object) -> None:
    """Hours are two different times of day."""
    with pytest.raises(Wrong):
        parse_hours(text)
