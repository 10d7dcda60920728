"""Season: which hours of the reference a window is compared with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from monitor.domain.window import Window

WEEKS, DAYS = 4, 7  # reference windows that each of the hours compared must have
WEEK, DAY, ALL = "same hours of the week", "same hours of the day", "all of the reference"
Slot = tuple[int, int]


def slot(instant: datetime, zone: str) -> Slot:
    """Return the weekday (Monday is 0) and the minute of the day that a window begins at, in local time.

    Examples
    --------
    >>> from datetime import UTC
    >>> slot(datetime(2024, 1, 1, 23, 30, tzinfo=UTC), "Europe/Berlin")
    (1, 30)
    """
    local = instant.astimezone(ZoneInfo(zone))
    return local.weekday(), local.hour * 60 + local.minute


@dataclass(frozen=True)
class Season:
    """How many reference windows begin at each hour of the week."""

    zone: str
    windows: Counter[Slot]

    @classmethod
    def of(cls, windows: Sequence[Window], zone: str) -> Season:
        """Count the windows of a reference."""
        return cls(zone, Counter(slot(window.start, zone) for window in windows))

    def match(self, windows: Sequence[Window]) -> tuple[str, tuple[Slot, ...]]:
        """Return what windows are compared with: its name, and the hours of the week whose rows to add.

        The same hours of the week where each of them has at least 4 reference windows, else the same hours of the day
        where each has at least 7, else all. An hour stands there once for each window that asks for it.

        Examples
        --------
        >>> from datetime import UTC, timedelta
        >>> hours = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=h) for h in range(24 * 28)]
        >>> season = Season.of([Window(h, h + timedelta(hours=1)) for h in hours], "UTC")
        >>> season.match([Window(hours[3], hours[4]), Window(hours[30], hours[31])])
        ('same hours of the week', ((0, 180), (1, 360)))
        """
        wanted = [slot(window.start, self.zone) for window in windows]
        if wanted and all(self.windows[one] >= WEEKS for one in wanted):
            return WEEK, tuple(wanted)
        by_day: dict[int, list[Slot]] = {}
        for one in self.windows:
            by_day.setdefault(one[1], []).append(one)
        alike = [sorted(by_day.get(minute, [])) for _, minute in wanted]
        if len(by_day) > 1 and wanted and all(sum(self.windows[s] for s in some) >= DAYS for some in alike):
            return DAY, tuple(one for some in alike for one in some)
        return ALL, tuple(sorted(self.windows))
