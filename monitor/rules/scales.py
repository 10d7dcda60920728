"""Scales: which windows are looked at together, and the sum of their counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from monitor.domain.window import Window
from monitor.profile.layout import Layout
from monitor.profile.profile import Profile
from monitor.profile.reading import Reading
from monitor.profile.tally import Tally, total

COLUMNS = ("bins", "spread")
"""The parts of a profile that drift of columns is read from."""


def summed_windows(
    usable: Sequence[Window],
    scale: int,
    *,
    reference: Window | None = None,
    excluded: Callable[[Window], bool] = lambda _: False,
    since: datetime | None = None,
) -> tuple[Window, ...] | None:
    """Return the last ``scale`` windows to add up, oldest first; None when there are fewer.

    Parameters
    ----------
    usable : sequence of Window
        Windows with enough rows, oldest first, the one that is judged last.
    scale : int
        How many.
    reference : Window, optional
        Only windows after its end are added.
    excluded : callable
        Tells the windows to leave out.
    since : datetime, optional
        Only windows that begin here or later: after an alarm was resolved, its fault must not be found again.

    Examples
    --------
    >>> from datetime import UTC, timedelta
    >>> hours = [datetime(2024, 1, 1, h, tzinfo=UTC) for h in range(8)]
    >>> found = summed_windows([Window(h, h + timedelta(hours=1)) for h in hours], 6)
    >>> found[0].start.hour, found[-1].start.hour, summed_windows(found, 24)
    (2, 7, None)
    """
    begin = max((instant for instant in (since, reference and reference.end) if instant), default=None)
    kept: list[Window] = []
    for window in reversed(usable):
        if len(kept) == scale or (begin is not None and window.start < begin):
            break
        if not excluded(window):
            kept.append(window)
    return tuple(reversed(kept)) if len(kept) == scale else None


def reaches_back(windows: Sequence[Window], resolved: Window | None) -> bool:
    """Tell whether a sum holds windows up to the one in which an instance was resolved: then its verdict is left out.

    Examples
    --------
    >>> from datetime import UTC, timedelta
    >>> hours = [datetime(2024, 1, 1, h, tzinfo=UTC) for h in range(3)]
    >>> first, second = (Window(h, h + timedelta(hours=1)) for h in hours[:2])
    >>> reaches_back([first, second], first), reaches_back([second], first), reaches_back([first], None)
    (True, False, False)
    """
    return resolved is not None and bool(windows) and windows[0].start < resolved.end


def summed(readings: Sequence[Reading]) -> Reading:
    """Return the sum of what columns hold; readings of one layout, at least one.

    Faster than adding profiles: only the columns, and without sorting.
    """
    first = readings[0]
    if len(readings) == 1:
        return first
    parts = {"bins": _dense(readings), "spread": _spread(readings)}
    return Reading(first.layout, Profile(first.profile.fingerprint, {k: t for k, t in parts.items() if t is not None}))


def packed(reading: Reading, *, valued: bool = False) -> bytes:
    """Return what columns hold in a seventh of the room, or without sums of values, in a thirtieth."""
    parts = {name: tally for name in COLUMNS if (tally := reading.part(name)) is not None}
    if not valued:
        parts.pop("spread", None)
        parts = {name: replace(tally, weights=np.zeros(len(tally.cells))) for name, tally in parts.items()}
    return Profile(reading.profile.fingerprint, parts).to_bytes()


def unpacked(layout: Layout, blob: bytes) -> Reading:
    """Return the reading that was packed."""
    return Reading(layout, Profile.from_bytes(blob))


def _dense(readings: Sequence[Reading]) -> Tally | None:
    tallies = [t for r in readings if (t := r.part("bins")) is not None and t.keys]
    if not tallies:
        return None
    first = tallies[0]
    counts, weights = np.zeros(first.width, dtype=np.int64), np.zeros(first.width)
    for tally in tallies:  # the part has one label, so no address stands twice
        counts[tally.cells] += tally.counts
        weights[tally.cells] += tally.weights
    cells = np.flatnonzero(counts)
    none = np.zeros((1, 0))
    sums = np.sum([t.sums for t in tallies], axis=0)
    return Tally(first.width, first.keys, cells, counts[cells], weights[cells], sums, none, none)


def _spread(readings: Sequence[Reading]) -> Tally | None:
    tallies = [t for r in readings if (t := r.part("spread")) is not None]
    return total(tallies) if tallies else None
