"""Catching up: which of the windows that came due are computed, and which a policy leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from monitor.domain.window import Window

Policy = Literal["all", "latest", "none"]

NEWEST = 6  # windows computed newest first, so that alarms can be decided before the backlog is done
PUNCTUAL = timedelta(minutes=10)  # a window that has been due for longer was missed


@dataclass(frozen=True)
class Plan:
    """Windows to compute at once, those to compute afterwards, and those left out; oldest first each."""

    fresh: tuple[Window, ...] = ()
    backlog: tuple[Window, ...] = ()
    skipped: tuple[Window, ...] = ()


def plan(
    due: Sequence[Window], now: datetime, *, delay: timedelta, policy: Policy = "all", reach: timedelta | None = None
) -> Plan:
    """Sort windows that are due into those to be computed and those to be left out.

    Parameters
    ----------
    due : sequence of Window
        Oldest first, each over since at least ``delay``.
    policy : {"all", "latest", "none"}
        What happens to windows that were missed, as while the service was down: all are computed, only the newest is,
        or none. Those of the last ten minutes were not missed.
    reach : timedelta, optional
        How far back the policy looks: windows due since longer are left out whatever it says.

    Examples
    --------
    >>> from datetime import UTC
    >>> hours = [datetime(2024, 1, 1, h, tzinfo=UTC) for h in range(5)]
    >>> windows = [Window(a, b) for a, b in zip(hours, hours[1:])]
    >>> found = plan(windows, hours[4], delay=timedelta(0), policy="latest", reach=timedelta(hours=3))
    >>> [w.start.hour for w in found.fresh], [w.start.hour for w in found.skipped]
    ([3], [0, 1, 2])
    """
    within = [w for w in due if reach is None or w.end + delay > now - reach]
    kept = within
    if policy != "all":
        kept = [w for w in within if now - w.end - delay <= PUNCTUAL]
        if policy == "latest" and not kept:
            kept = within[-1:]
    chosen = set(kept)
    skipped = tuple(w for w in due if w not in chosen)
    return Plan(tuple(kept[-NEWEST:]), tuple(kept[:-NEWEST]), skipped)
