"""A window of time: half-open, in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """The instants from ``start`` up to, not including, ``end``; both aware.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> day = Window(datetime(2013, 1, 1, tzinfo=UTC), datetime(2013, 1, 2, tzinfo=UTC))
    >>> day.length.total_seconds()
    86400.0
    >>> day.overlaps(Window(day.end, day.end + day.length))
    False
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Refuse naive instants and windows that end before they start."""
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a window needs aware instants")
        if self.end < self.start:
            raise ValueError("a window ends before it starts")

    @property
    def length(self) -> timedelta:
        """Elapsed time."""
        return self.end - self.start

    def overlaps(self, other: Window) -> bool:
        """Tell whether the two share an instant."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: Window) -> bool:
        """Tell whether ``other`` lies wholly inside."""
        return self.start <= other.start and other.end <= self.end
