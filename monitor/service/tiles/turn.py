"""Turns: how often a tile is looked at again for late rows, by its age."""

from __future__ import annotations

from datetime import datetime, timedelta

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def every(age: timedelta) -> timedelta:
    """Return how long after a look a tile of that age is looked at again.

    Examples
    --------
    >>> [str(every(timedelta(hours=h))) for h in (0, 23, 24, 24 * 7)]
    ['1:00:00', '1:00:00', '6:00:00', '1 day, 0:00:00']
    """
    if age < _DAY:
        return _HOUR
    return timedelta(hours=6) if age < 7 * _DAY else _DAY


def next_look(tile_end: datetime, looked_at: datetime, close: datetime | None) -> datetime:
    """Return when a tile is looked at next: hourly, then every six hours, then daily, and when a horizon closes.

    Parameters
    ----------
    tile_end, looked_at : datetime
        The end of the tile, and when it was last looked at.
    close : datetime, optional
        When the first horizon closes that the tile was not looked at since.
    """
    turn = looked_at + every(looked_at - tile_end)
    return turn if close is None else min(turn, max(close, looked_at))
