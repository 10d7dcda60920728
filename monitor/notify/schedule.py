"""When an attempt that failed is repeated, for every receiver alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

_WAITS = (5, 30, 120, 300, 900, 1800, 3600, 7200, 14400)  # seconds, after the first attempt, the second, …
_THEN = 6 * 3600
_JITTER = 0.2
LONGEST_ASKED = timedelta(hours=1)


def next_wait(
    attempts: int, age: timedelta, horizon: timedelta, rng: Callable[[], float], asked: timedelta | None = None
) -> timedelta | None:
    """Return how long to wait before the next attempt, None when there is to be none.

    Waits of 5 s, 30 s, 2 m, 5 m, 15 m, 30 m, 1 h, 2 h and 4 h, then 6 h, each up to a fifth shorter or longer, so that
    what failed together does not come back together.

    Parameters
    ----------
    attempts : int
        How many were made, 1 or more.
    age, horizon : timedelta
        Time since the notice was written, and the age at which it is given up.
    rng : callable
        Gives a number in [0, 1).
    asked : timedelta, optional
        What the receiver asked for; obeyed up to an hour.

    Examples
    --------
    >>> next_wait(3, timedelta(minutes=1), timedelta(hours=24), lambda: 0.5).total_seconds()
    120.0
    >>> next_wait(12, timedelta(hours=20), timedelta(hours=24), lambda: 0.5) is None
    True
    """
    seconds = _WAITS[attempts - 1] if attempts <= len(_WAITS) else _THEN
    wait = timedelta(seconds=seconds * (1 - _JITTER + 2 * _JITTER * rng()))
    if asked is not None:
        wait = max(wait, min(asked, LONGEST_ASKED))
    return None if age + wait > horizon else wait
