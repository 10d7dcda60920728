"""Times as people read them, where clocks go back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.cli.wording import instant, window

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("America/New_York", datetime(2026, 11, 1, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 10, 24, 20, tzinfo=UTC)),
        ("America/Havana", datetime(2026, 11, 1, 0, tzinfo=UTC)),
    ],
)
def test_no_two_hours_are_printed_alike(zone: str, first: datetime) -> None:
    """Each hour of a day on which clocks go back has a text of its own, as a window and as an instant."""
    hours = [first + i * HOUR for i in range(24)]
    assert len({window(at, at + HOUR, zone) for at in hours}) == 24
    assert len({instant(at, zone) for at in hours}) == 24
    assert sum("-0" in instant(at, zone)[10:] or "+0" in instant(at, zone) for at in hours) == 2


def test_a_day_of_25_hours_is_its_date() -> None:
    """A window from midnight to midnight needs no offset."""
    day = datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 11, 2, 5, tzinfo=UTC)
    assert window(*day, "America/New_York") == "2026-11-01"
