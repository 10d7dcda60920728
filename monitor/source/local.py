"""Local times to UTC, by Python's own rules of time zones.

Arrow has a function for it, but it ends at the last switch that the system's files list (2037, or far
earlier where they are kept slim) and so would differ from the grid of windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from monitor.errors import SourceError

EARLIEST, LATEST = -62_135_596_800_000_000, 253_402_300_799_999_999  # years 1 to 9999
_EDGE = 2 * 86_400_000_000  # zones cannot be applied at the very ends of the calendar
_DAY, _QUARTER = 86_400_000_000, 900_000_000
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  the wall's
_MICROSECOND = timedelta(microseconds=1)
_INSTANT = pa.timestamp("us", "UTC")


def localize(moments: pa.Array, zone: str | None, place: str) -> pa.Array:
    """Read naive timestamps as local time of ``zone``; refuse them when there is no zone.

    An hour that a switch repeats means its first pass; a time that a switch skips means the first
    instant after it.

    Examples
    --------
    >>> skipped = pa.array([datetime(2024, 3, 10, 2, 30)], pa.timestamp("us"))
    >>> localize(skipped, "America/New_York", "t")[0].as_py().hour
    7
    """
    if moments.null_count == len(moments):
        return pa.nulls(len(moments), _INSTANT)
    if zone is None:
        raise SourceError(
            f"{place} holds times without a time zone, so their instant is unknown",
            "add `timezone:` beside the source's `url:`, for example `timezone: UTC`",
            state="wrong_type",
        )
    if zone == "UTC":
        return moments.cast(_INSTANT)
    _demand_zone(zone, place)
    wall = pc.fill_null(moments.cast(pa.int64()), EARLIEST).to_numpy()
    outside = (wall < EARLIEST + _EDGE) | (wall > LATEST - _EDGE)
    instants = _instants(np.where(outside, 0, wall), zone)
    return pa.array(instants, mask=outside).cast(_INSTANT)


def first_walls(moments: Sequence[datetime], zone: str | None, place: str) -> list[datetime]:
    """Return for each instant the first local time that `localize` puts at it or later.

    Local times before it mean earlier instants, local times from it on mean this one or later ones.

    Parameters
    ----------
    moments : sequence of datetime
        Aware.
    zone : str or None
        As in `localize`.
    place : str
        Names the column in messages.

    Examples
    --------
    >>> repeated = datetime(2024, 11, 3, 6, 30, tzinfo=UTC)  # the second half past one of that night
    >>> first_walls([repeated], "America/New_York", "t")
    [datetime.datetime(2024, 11, 3, 2, 0)]
    """
    naive = pa.array([moment.astimezone(UTC).replace(tzinfo=None) for moment in moments], pa.timestamp("us"))
    wanted = naive.cast(pa.int64()).to_numpy()

    def instants(walls: NDArray[np.int64]) -> NDArray[np.int64]:
        found = localize(pa.array(walls).cast(pa.timestamp("us")), zone, place)
        return np.asarray(found.cast(pa.int64()).fill_null(LATEST))

    walls = wanted + (wanted - instants(wanted))  # right wherever no switch is near
    odd = np.flatnonzero((instants(walls) < wanted) | (instants(walls - 1) >= wanted))
    low, high = wanted[odd] - _EDGE, wanted[odd] + _EDGE
    while len(odd) and (high - low).max() > 1:
        middle = (low + high) // 2
        reached = instants(middle) >= wanted[odd]
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    walls[odd] = high
    return [_EPOCH + int(wall) * _MICROSECOND for wall in walls]


def _instants(wall: NDArray[np.int64], zone: str, size: int = _DAY) -> NDArray[np.int64]:
    """Subtract the offset of each day; look closer, by quarters of an hour, at days with a switch."""
    spans, which = np.unique(wall // size, return_inverse=True)
    offsets = [_offset(zone, int(span), size) for span in spans]
    known = np.array([0 if offset is None else offset for offset in offsets], np.int64)
    instants: NDArray[np.int64] = wall - known[which]
    odd = np.array([offset is None for offset in offsets], bool)[which]
    if not odd.any():
        return instants
    if size == _DAY:
        instants[odd] = _instants(wall[odd], zone, _QUARTER)
    else:
        instants[odd] = [_instant(zone, int(each)) for each in wall[odd]]
    return instants


@lru_cache(maxsize=100_000)
def _offset(zone: str, span: int, size: int) -> int | None:
    """Return the microseconds from UTC in a span of local time; None if a switch falls inside it."""
    first, last = span * size, (span + 1) * size - 1
    offset = first - _instant(zone, first)
    return offset if offset == last - _instant(zone, last) else None


def _instant(zone: str, wall: int) -> int:
    """Return the instant that one local time means."""
    there = ZoneInfo(zone)
    local = (_EPOCH + wall * _MICROSECOND).replace(tzinfo=there)
    early, late = (_micros(local.replace(fold=fold).utcoffset()) for fold in (0, 1))
    if early >= late:
        return wall - early
    before, after = wall - late, wall - early  # the clock skipped this time between these two
    while after - before > 1:
        middle = (before + after) // 2
        shown = (_EPOCH + middle * _MICROSECOND).replace(tzinfo=UTC).astimezone(there)
        if _micros(shown.utcoffset()) == late:
            after = middle
        else:
            before = middle
    return after


def _micros(offset: timedelta | None) -> int:
    return (offset or timedelta()) // _MICROSECOND


def _demand_zone(zone: str, place: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SourceError(
            f"the time zone {zone!r} of {place} is not known here",
            "use an IANA name such as Europe/Berlin",
            state="wrong_type",
        ) from error
