"""How often a receiver may hear of the same thing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from monitor.domain.verdict import Severity

LEAST_MAX_AGE = timedelta(hours=24)
MAX_AGE_WINDOWS = 2


@dataclass(frozen=True, slots=True)
class SendPolicy:
    """The pauses between notices, and from what age on nobody is told.

    ``update_interval`` lies between a notice and the next ``updated``; ``repeat_critical`` and ``repeat_warning``
    between what pages and its repetition. What was judged longer than ``max_age`` ago pages nobody.
    """

    update_interval: timedelta = timedelta(hours=1)
    repeat_critical: timedelta = timedelta(hours=4)
    repeat_warning: timedelta = timedelta(hours=24)
    max_age: timedelta = LEAST_MAX_AGE

    def repeat(self, severity: Severity) -> timedelta:
        """Return after how long an incident that nobody looks after is told again."""
        return self.repeat_critical if severity == "critical" else self.repeat_warning


def max_age(window: timedelta) -> timedelta:
    """Return up to what age windows page: 24 hours or 2 windows, the longer.

    Examples
    --------
    >>> max_age(timedelta(days=7))
    datetime.timedelta(days=14)
    """
    return max(LEAST_MAX_AGE, MAX_AGE_WINDOWS * window)
